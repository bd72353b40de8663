"""People at the console, for Locust: they click on what the pages show, and do something about every fifth record.

Started by Scripts/console-load, which reads what it writes into --samples: a line of JSON for every request.
"""
import itertools
import json
import random
import re
import urllib.parse

import gevent
from locust import FastHttpUser, events, task
from locust.exception import RescheduleTask, StopUser

from people import COMING, PASSWORD, PATIENCE, REFUSED, SEED, THINKING, Sample, chosen_people, links


@events.init_command_line_parser.add_listener
def add_option(parser, **_):
    parser.add_argument("--samples", required=True)


@events.test_start.add_listener
def write_samples(environment, **_):
    """The file is there as soon as people may come."""
    # Line by line: a process that was killed leaves what it had.
    file = open(environment.parsed_options.samples, "w", buffering=1, encoding="utf-8")

    @environment.events.request.add_listener
    def write(name, start_time, response_time, response_length, response, exception, url, **_):
        failure = exception and (str(exception) or type(exception).__name__)
        path = url.removeprefix(environment.host)
        sample = Sample(name, start_time, response_time / 1000, response_length, path, response.status_code, failure)
        print(json.dumps(sample._asdict()), file=file)

    @environment.events.user_error.add_listener
    def write_error(exception, **_):
        """What is wrong with a page, or with this file, is no request."""
        print(json.dumps({"failure": repr(exception)}), file=file)


class Visitor(FastHttpUser):
    """Somebody at work, with a connection that is kept and a cookie."""

    network_timeout = connection_timeout = PATIENCE
    numbers = itertools.count()

    def __init__(self, environment):
        super().__init__(environment)
        number = next(self.numbers)
        self.account = chosen_people(environment.parsed_options.num_users)[number]
        self.random = random.Random(SEED + number)

    def on_start(self):
        gevent.sleep(self.random.uniform(0, COMING))
        form = {"user": self.account.name, "password": PASSWORD}
        if self.ask("/sign-in", "sign in", 303, form=form).status_code != 303:
            raise StopUser

    def ask(self, path, kind, *expected, form=None):
        """Asks, and follows nothing."""
        with self.client.request("GET" if form is None else "POST", path, name=kind, data=form, allow_redirects=False,
                                 catch_response=True) as response:
            if response.status_code not in expected:
                response.failure(f"{path}: {response.status_code or response.error}")
            elif response.status_code in REFUSED:
                response.success()
        return response

    def page(self, path, kind):
        """A page that is not there ends the errand."""
        response = self.ask(path, kind, 200)
        if response.status_code != 200:
            raise RescheduleTask
        return response.content.decode()

    def think(self):
        gevent.sleep(self.random.uniform(*THINKING))

    def click(self, path, kind):
        self.think()
        return self.page(path, kind)

    @task
    def errand(self):
        """Some clicks that belong together."""
        choices = {"auditor": (self.audit, self.rules), "administrator": (self.rules,),
                   "approver": (self.approvals, self.queue, self.rules)}
        errands = choices.get(self.account.role, (self.queue,) * 6 + (self.search, self.incidents, self.rules, self.acts))
        self.random.choice(errands)()

    def queue(self):
        page = self.click("/queue", "queue")
        for _ in range(self.random.randint(0, 2)):
            cuts = links(page, r"/queue\?[^\"]*")
            if not cuts:
                break
            page = self.click(self.random.choice(cuts), "queue, cut")
        if "view=records" not in page:
            return
        lists = links(page, r"/queue\?[^\"]*view=records[^\"]*")
        page = self.click(self.random.choice(lists), "queue, records")
        nexts = [link for link in links(page, r"/queue\?[^\"]*") if "after=" in link]
        if nexts and self.random.random() < 0.4:
            page = self.click(nexts[0], "queue, next page")
        records = links(page, r"/record/\d+")
        for path in self.random.sample(records, min(len(records), self.random.randint(1, 3))):
            self.record(path)

    def record(self, path):
        page = self.click(path, "record")
        if self.account.role == "approver" or self.random.random() > 0.2:
            return
        token = re.search(r'name="form" value="([0-9a-f]{64})"', page).group(1)
        form = {"form": token, "words": "已电话核实，待系统补报"}
        people = re.findall(r'<option value="([a-z]+\d+)"', page)
        if people and self.random.random() < 0.5:
            form |= {"kind": "assign", "assignee": self.random.choice(people)}
        else:
            form["kind"] = "comment"
        self.think()
        if self.ask(path + "/act", "act", 303, *REFUSED, form=form).status_code == 303:
            self.page(path, "record")

    def search(self):
        words = self.random.choice(("社会信用代码", "日期", "处罚", "编码", "CR01", "Q11", "ZF", "2026", "许可", "没有这样的东西"))
        page = self.click("/queue?q=" + urllib.parse.quote(words), "search")
        records = links(page, r"/record/\d+")
        if records:
            self.record(self.random.choice(records))

    def incidents(self):
        page = self.click("/incidents", "incidents")
        found = links(page, r"/incidents/\d+")
        if found:
            self.click(self.random.choice(found), "incident")

    def rules(self):
        page = self.click("/rules", "rules")
        found = links(page, r"/rules/[A-Z0-9]+")
        if found:
            self.click(self.random.choice(found), "rule")
        self.click("/night", "night")

    def acts(self):
        page = self.click("/acts", "acts")
        found = links(page, r"/act/\d+")
        if found:
            self.click(self.random.choice(found), "act")
        self.click(f"/queue?assigned={self.account.name}", "mine")

    def approvals(self):
        self.click("/approvals", "approvals")

    def audit(self):
        self.click("/audit", "access log")
        self.click("/audit?outcome=denied", "access log")
