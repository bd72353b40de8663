"""PySpark, local[2]: the job as Spark SQL columns, Parquet files."""

from __future__ import annotations

import pathlib

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from job import Check, Delivery
from outcome import Outcome, arguments, duplicate_check, load, write
from sqltext import SparkDialect
from terms import Term, col

SQL = SparkDialect()
LONG_LIST = 200


def read(spark: SparkSession, delivery: Delivery) -> DataFrame:
    """Raw columns of every record, in the order of the file."""
    if delivery.format == "csv":
        # Quoted line breaks: the file cannot be split.
        frame = spark.read.csv(
            delivery.path,
            header=True,
            encoding=delivery.encoding,
            multiLine=True,
            quote='"',
            escape='"',
            ignoreLeadingWhiteSpace=False,
            ignoreTrailingWhiteSpace=False,
        )
        chosen = [F.col(SQL.name(heading)).alias(name) for name, heading in delivery.sources.items()]
    else:
        frame = spark.read.schema(schema(delivery)).json(delivery.path)
        chosen = [
            F.col(".".join(map(SQL.name, path.split("/")))).alias(name) for name, path in delivery.sources.items()
        ]
    return frame.select(F.monotonically_increasing_id().alias("record"), *chosen)


def schema(delivery: Delivery) -> str:
    """The members of a document, all as text."""
    tree: dict[str, list[str]] = {}
    for path in delivery.sources.values():
        first, _, second = path.partition("/")
        tree.setdefault(first, []).extend([second] if second else [])
    return ", ".join(
        f"`{name}` STRUCT<{', '.join(f'`{each}`: STRING' for each in inner)}>" if inner else f"`{name}` STRING"
        for name, inner in tree.items()
    )


def typed(spark: SparkSession, delivery: Delivery) -> DataFrame:
    """All steps."""
    frame = read(spark, delivery)
    for step in delivery.steps:
        if isinstance(step, dict):
            frame = frame.withColumns({name: F.expr(SQL.sql(term)) for name, term in step.items()})
            continue
        for lookup in step:
            if lookup.is_many:
                frame = frame.withColumn(lookup.target, F.expr(SQL.codes_of(lookup)))
                continue
            codes = spark.createDataFrame(list(lookup.pairs.items()), [lookup.source, lookup.target])
            frame = frame.join(F.broadcast(codes), lookup.source, "left")
    return frame


def with_members(spark: SparkSession, frame: DataFrame, checks: list[Check]) -> tuple[DataFrame, list[Term]]:
    """Long lists (division codes) as broadcast joins: as literals they would be copied by every optimizer rule."""
    members: dict[Term, str] = {}

    def change(part: Term) -> Term:
        if part.op != "in" or len(part.args[1]) < LONG_LIST:
            return part
        return col(members.setdefault(part, f"member_{len(members)}"))

    tests = [check.failed.rewritten(change) for check in checks]
    for part, name in members.items():
        values = spark.createDataFrame([(value, True) for value in part.args[1]], [f"key_{name}", f"found_{name}"])
        key = F.expr(SQL.sql(part.args[0]))
        frame = frame.withColumn(f"own_{name}", key).join(
            F.broadcast(values), F.col(f"own_{name}") == F.col(f"key_{name}"), "left"
        )
        frame = frame.withColumn(
            name, F.when(F.col(f"own_{name}").isNotNull(), F.coalesce(f"found_{name}", F.lit(False)))
        )
        frame = frame.drop(f"own_{name}", f"key_{name}", f"found_{name}")
    return frame, tests


def contradictions(delivery: Delivery, frame: DataFrame) -> DataFrame:
    """Records with the key of another: whether they repeat one, or contradict one."""
    keyed = frame.select("record", "source_update_time", *delivery.key, *delivery.sources).dropna(subset=delivery.key)
    keyed = keyed.withColumn("others", F.count("*").over(Window.partitionBy(*delivery.key))).where("others > 1")
    same = Window.partitionBy(*delivery.key, *delivery.sources).orderBy("record")
    keyed = keyed.withColumn("is_repeated", F.row_number().over(same) > 1)
    moment = Window.partitionBy(*delivery.key, "source_update_time")
    return keyed.select(
        "record",
        "is_repeated",
        (~F.col("is_repeated") & (F.sum(F.when(~F.col("is_repeated"), 1).otherwise(0)).over(moment) > 1)).alias(
            "is_contradicting"
        ),
    )


def work(spark: SparkSession, delivery: Delivery, out: pathlib.Path, is_check: bool) -> Outcome:
    """One delivery."""
    frame, terms = with_members(spark, typed(spark, delivery), delivery.checks)
    frame = frame.cache()
    checks = [*delivery.checks, duplicate_check()]
    tests = [F.expr(SQL.sql(term)) for term in terms] + [F.col("is_contradicting")]
    found = F.filter(
        F.array(*(F.when(test, F.lit(number)) for number, test in enumerate(tests))), lambda each: each.isNotNull()
    )
    returning = F.array(*(F.lit(number) for number, check in enumerate(checks) if check.severity == "return"))
    # Records with the key of another are few.
    twins = F.broadcast(contradictions(delivery, frame))
    judged = (
        frame.join(twins, "record", "left")
        .where("is_repeated IS NULL OR NOT is_repeated")
        .select("record", *delivery.values, *delivery.sources, found.alias("found"))
        .withColumn("is_returned", F.arrays_overlap("found", returning))
        .cache()
    )
    rules = spark.createDataFrame(
        [(number, check.rule, check.issue, check.severity) for number, check in enumerate(checks)],
        "number INT, rule STRING, issue STRING, severity STRING",
    )
    findings = (
        judged.select("record", F.explode("found").alias("number"))
        .join(F.broadcast(rules), "number")
        .select("record", "rule", "issue", "severity")
        .cache()
    )
    if not is_check:
        name = f"{delivery.system}_{delivery.category}"
        findings.write.parquet(str(out / f"{name}_finding"))
        judged.where("NOT is_returned").select("record", *delivery.values).write.parquet(str(out / f"{name}_accepted"))
        judged.where("is_returned").select("record", *delivery.sources).write.parquet(str(out / f"{name}_rejected"))
    read_count = frame.count()
    returned, total = judged.select(F.sum(F.col("is_returned").cast("int")), F.count("*")).first()
    counts = [tuple(row) for row in findings.groupBy("rule", "severity").count().collect()]
    for each in (findings, judged, frame):
        each.unpersist()
    return Outcome.of(read_count, total - returned, returned, counts)


def main() -> None:
    """All deliveries, one after the other; Spark itself uses both cores."""
    options = arguments()
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.memory", "6g")
        .config("spark.sql.ansi.enabled", "false")
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.warehouse.dir", str(options.out / "spark"))
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    write(
        options.out,
        {delivery.name: work(spark, delivery, options.out, options.check) for delivery in load(options.set)},
    )
    spark.stop()


if __name__ == "__main__":
    main()
