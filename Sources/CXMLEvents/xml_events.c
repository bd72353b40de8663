#define _GNU_SOURCE
#include "xml_events.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "separator_index.h"
#include "xml_parser.h"

// A reference costs no less than this many bytes of the budget, whatever it stands for, so that
// entities of nothing at all cannot keep the parser busy. Our choice.
#define REFERENCE_COST 8
// Entities in each other.
#define ENTITY_DEPTH 16
// A batch's memory above this is given back.
#define KEPT_BYTES (4u << 20)

// MARK: - Faults

// libxml2's position in the text given; its beginning for what lies in what was put before it.
static uint64_t position(const qy_xml_parser *parser, const xmlChar *cursor) {
  xmlParserInputPtr input = parser->context->inputTab[0];
  // What was read without it makes `inserted` negative, modulo 2^64.
  int64_t place = (int64_t)(input->consumed + (uint64_t)(cursor - input->base) - parser->inserted);
  return place > 0 ? (uint64_t)place : 0;
}

static uint64_t here(const qy_xml_parser *parser) {
  if (parser->context->inputNr < 1) return parser->taken;
  return position(parser, parser->context->inputTab[0]->cur);
}

void xml_fail(
    qy_xml_parser *parser, uint32_t kind, uint64_t offset, const char *format, const char *name) {
  if (parser->fault_kind != QY_XML_NO_FAULT) return;
  parser->fault_kind = kind;
  parser->fault_offset = offset;
  snprintf(parser->message, MESSAGE_BYTES, format, name);
}

// Messages of libxml2, or how they begin, that say little to those who do not know it.
static const struct {
  const char *theirs;
  const char *ours;
} messages[] = {
    {"Document is empty", "the document does not begin with '<'"},
    {"Start tag expected", "the document does not begin with '<'"},
    {"Extra content at the end", "something stands behind the end of the document"},
    {"StartTag: invalid element name", "no tag may begin here"},
    {"internal error: detected an error in element content", "no such markup may stand here"},
    {"internal error: xmlParseInternalSubset", "a declaration that XML does not know"},
    {"error parsing attribute name", "an attribute without a name"},
    {"attributes construct error", "no white space between two attributes"},
    {"AttValue: \" or ' expected", "an attribute value without quotes"},
    {"AttValue: ' expected", "an attribute value without an end"},
    {"xmlParseEntityRef: no name", "'&' and no name behind it"},
    {"EntityRef: expecting ';'", "a reference without ';'"},
    {"CharRef: ", "a reference to a character that is no number"},
    {"xmlParseCharRef: ", "a reference to a character that XML does not allow"},
    {"Input is not proper UTF-8", "a character that XML does not allow"},
    {"PCDATA invalid Char value", "a character that XML does not allow"},
    {"Char 0x", "a character that XML does not allow"},
    {"invalid character in", "a character that XML does not allow"},
    {"xmlParseComment: invalid", "a character that XML does not allow"},
    {"xmlSkipComment: invalid", "a character that XML does not allow"},
    {"expected '>'", "an end tag without '>'"},
};

// Takes over a message of libxml2: without the name of its function, on one line.
static void take_message(qy_xml_parser *parser, const char *message) {
  for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
    if (strncmp(message, messages[i].theirs, strlen(messages[i].theirs)) == 0) {
      snprintf(parser->message, MESSAGE_BYTES, "%s", messages[i].ours);
      return;
    }
  }
  if (strncmp(message, "xmlParse", 8) == 0 || strncmp(message, "xmlSAX2", 7) == 0) {
    const char *colon = strstr(message, ": ");
    if (colon) message = colon + 2;
  }
  size_t length = 0;
  for (; message[length] && length < MESSAGE_BYTES - 1; length++) {
    parser->message[length] = message[length] == '\n' ? ' ' : message[length];
  }
  // No torn character at the end.
  if (message[length]) {
    while (length > 0 && ((uint8_t)parser->message[length - 1] & 0xC0) == 0x80) length--;
    if (length > 0 && (uint8_t)parser->message[length - 1] >= 0xC0) length--;
  }
  while (length > 0 && strchr(" .", parser->message[length - 1])) {
    length--;
  }
  parser->message[length] = 0;
}

// libxml2 stands anywhere in the text before a "]]>" that it refuses; this is the place of that.
static uint64_t place_of_bracket(const qy_xml_parser *parser) {
  xmlParserInputPtr input = parser->context->inputTab[0];
  const xmlChar *at = input->cur;
  while (input->end - at >= 3 && memcmp(at, "]]>", 3) != 0) at++;
  return position(parser, input->end - at >= 3 ? at : input->cur);
}

// Whether the parser waits in front of something that no document begins with.
static int has_bad_start(const qy_xml_parser *parser) {
  xmlParserInputPtr input = parser->context->input;
  if (parser->context->instate != XML_PARSER_START || !input || input->cur >= input->end) return 0;
  return *input->cur != '<' && !xmlIsBlank_ch(*input->cur);
}

#if LIBXML_VERSION >= 21200
static void on_error(void *data, const xmlError *error) {
#else
static void on_error(void *data, xmlErrorPtr error) {
#endif
  qy_xml_parser *parser = data;
  if (parser->fault_kind != QY_XML_NO_FAULT || error->level < XML_ERR_ERROR) return;
  // A URI is a name here, nothing is ever fetched from it.
  if (error->code == XML_ERR_INVALID_URI) return;
  uint64_t offset = here(parser);
  int is_end = error->code == XML_ERR_DOCUMENT_END && !parser->is_root_closed;
  if (is_end && has_bad_start(parser)) {
    xml_fail(parser, QY_XML_MALFORMED, offset, "%s", "the document does not begin with '<'");
    return;
  }
  if (parser->is_terminating && (is_end || offset >= parser->taken)) {
    xml_fail(parser, QY_XML_TRUNCATED, parser->taken, "%s", parser->taken == 0
        ? "the document is empty" : "the text ends before the document does");
    return;
  }
  if (error->code == XML_ERR_NO_MEMORY) {
    xml_fail(parser, QY_XML_MALFORMED, offset, "%s", "more names than a document may have");
    return;
  }
  if (error->code == XML_ERR_MISPLACED_CDATA_END) offset = place_of_bracket(parser);
  xml_fail(parser, QY_XML_MALFORMED, offset, "%s", "not well-formed");
  if (error->message) take_message(parser, error->message);
}

// MARK: - Events

int xml_grow(void **memory, size_t *capacity, size_t wanted, size_t size) {
  if (wanted <= *capacity) return 1;
  size_t grown = *capacity * 2 > wanted ? *capacity * 2 : wanted;
  void *moved = realloc(*memory, grown * size);
  if (!moved) return 0;
  *memory = moved;
  *capacity = grown;
  return 1;
}

static void out_of_memory(qy_xml_parser *parser) {
  xml_fail(parser, QY_XML_MALFORMED, here(parser), "%s", "out of memory");
}

int xml_grow_events(qy_xml_parser *parser) {
  void *events = parser->events;
  if (!xml_grow(&events, &parser->event_capacity, parser->event_count + 1, sizeof(qy_xml_event))) {
    out_of_memory(parser);
    return 0;
  }
  parser->events = events;
  return 1;
}

int xml_add_text(qy_xml_parser *parser, const xmlChar *bytes, size_t count) {
  if (count == 0) return 1;
  void *text = parser->text;
  if (!xml_grow(&text, &parser->text_capacity, parser->text_count + count, 1)) {
    out_of_memory(parser);
    return 0;
  }
  parser->text = text;
  memcpy(parser->text + parser->text_count, bytes, count);
  parser->text_count += count;
  return 1;
}

static size_t bucket_of(const xmlChar *local, const xmlChar *space, size_t count) {
  uint64_t hash = (uint64_t)(uintptr_t)local * 0x9E3779B97F4A7C15u;
  hash ^= (uint64_t)(uintptr_t)space * 0xC2B2AE3D27D4EB4Fu;
  return (size_t)(hash >> 32) & (count - 1);
}

static int grow_names(qy_xml_parser *parser) {
  size_t count = parser->bucket_count ? parser->bucket_count * 2 : 256;
  uint32_t *buckets = calloc(count, sizeof(uint32_t));
  name_entry *names = realloc(parser->names, count / 2 * sizeof(name_entry));
  if (names) parser->names = names;
  if (!buckets || !names) {
    free(buckets);
    return 0;
  }
  for (size_t i = 0; i < parser->name_count; i++) {
    size_t at = bucket_of(names[i].local, names[i].space, count);
    while (buckets[at]) at = (at + 1) & (count - 1);
    buckets[at] = (uint32_t)i + 1;
  }
  free(parser->buckets);
  parser->buckets = buckets;
  parser->bucket_count = count;
  return 1;
}

uint32_t xml_name_of(qy_xml_parser *parser, const xmlChar *local, const xmlChar *space) {
  if (parser->name_count * 2 >= parser->bucket_count && !grow_names(parser)) {
    out_of_memory(parser);
    return 0;
  }
  size_t at = bucket_of(local, space, parser->bucket_count);
  while (parser->buckets[at]) {
    const name_entry *entry = &parser->names[parser->buckets[at] - 1];
    if (entry->local == local && entry->space == space) return parser->buckets[at] - 1;
    at = (at + 1) & (parser->bucket_count - 1);
  }
  if (parser->name_count >= parser->limits.names) {
    xml_fail(parser, QY_XML_MALFORMED, here(parser), "%s", "more names than a document may have");
    return 0;
  }
  parser->names[parser->name_count] = (name_entry){local, space};
  parser->buckets[at] = (uint32_t)++parser->name_count;
  return (uint32_t)parser->name_count - 1;
}

static void spend(qy_xml_parser *parser, uint64_t bytes) {
  parser->entity_bytes += bytes < REFERENCE_COST ? REFERENCE_COST : bytes;
  if (parser->entity_bytes > parser->limits.entity_bytes) {
    xml_fail(parser, QY_XML_ENTITY, here(parser), "%s", "entities make more text than allowed");
  }
}

// Keeps the namespaces of the first element, which hold for all of the document.
static void keep_spaces(qy_xml_parser *parser, int count, const xmlChar **spaces) {
  xml_plain *plain = &parser->plain;
  plain->space_count = (size_t)count;
  for (int i = 0; i < count && i < PLAIN_SPACES; i++) {
    plain->prefixes[i] = spaces[2 * i];
    // An empty name is none.
    plain->spaces[i] = spaces[2 * i + 1] && *spaces[2 * i + 1] ? spaces[2 * i + 1] : NULL;
  }
}

static void on_start(
    void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *space,
    int space_count, const xmlChar **spaces, int attribute_count, int default_count,
    const xmlChar **attributes) {
  (void)prefix;
  qy_xml_parser *parser = data;
  if (parser->is_repeating || parser->fault_kind != QY_XML_NO_FAULT) return;
  if (parser->depth == 0) keep_spaces(parser, space_count, spaces);
  xmlParserInputPtr input = parser->context->inputTab[0];
  // '<' cannot stand in a start tag a second time.
  const xmlChar *less_than = memrchr(input->base, '<', (size_t)(input->cur - input->base));
  if (!less_than) less_than = input->cur;
  uint64_t offset = position(parser, less_than);
  parser->depth += 1;
  if (parser->depth > parser->limits.depth) {
    xml_fail(parser, QY_XML_NESTING, offset, "%s", "elements are nested too deeply");
    return;
  }
  if ((size_t)parser->context->nsNr / 2 > parser->limits.namespaces) {
    xml_fail(parser, QY_XML_MALFORMED, offset, "%s", "too many namespaces are declared");
    return;
  }
  uint32_t name = xml_name_of(parser, local, space);
  if (parser->fault_kind != QY_XML_NO_FAULT) return;
  qy_xml_event *event = xml_add_event(parser, QY_XML_START);
  if (!event) return;
  event->offset = offset;
  event->length = (uint32_t)(input->cur - less_than);
  event->name = name;
  for (int i = 0; i < attribute_count; i++) {
    const xmlChar **attribute = attributes + 5 * i;
    size_t length = (size_t)(attribute[4] - attribute[3]);
    // Those that the document type declaration adds stand last.
    if (i >= attribute_count - default_count) spend(parser, length);
    uint32_t attribute_name = xml_name_of(parser, attribute[0], attribute[2]);
    if (parser->fault_kind != QY_XML_NO_FAULT) return;
    size_t start = parser->text_count;
    if (!xml_add_text(parser, attribute[3], length)) return;
    qy_xml_event *added = xml_add_event(parser, QY_XML_ATTRIBUTE);
    if (!added) return;
    added->offset = start;
    added->length = (uint32_t)length;
    added->name = attribute_name;
  }
}

static void on_end(
    void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *space) {
  (void)local;
  (void)prefix;
  (void)space;
  qy_xml_parser *parser = data;
  if (parser->is_repeating || parser->fault_kind != QY_XML_NO_FAULT) return;
  parser->depth -= 1;
  if (parser->depth == 0) parser->is_root_closed = 1;
  qy_xml_event *event = xml_add_event(parser, QY_XML_END);
  if (!event) return;
  event->offset = here(parser);
  event->length = 0;
  event->name = 0;
}

static void on_text(void *data, const xmlChar *bytes, int count) {
  qy_xml_parser *parser = data;
  if (parser->fault_kind != QY_XML_NO_FAULT || count <= 0) return;
  size_t start = parser->text_count;
  if (!xml_add_text(parser, bytes, (size_t)count)) return;
  if (parser->event_count > 0) {
    qy_xml_event *last = &parser->events[parser->event_count - 1];
    if (last->kind == QY_XML_TEXT) {
      last->length += (uint32_t)count;
      return;
    }
  }
  qy_xml_event *event = xml_add_event(parser, QY_XML_TEXT);
  if (!event) return;
  event->offset = start;
  event->length = (uint32_t)count;
  event->name = 0;
}

// XML wants LF for every line end (XML 1.0 §2.11), but libxml2's push parser hands a section out with those that it
// came with. What follows in the input stands behind the `count` bytes, so that CR LF may be cut between two calls.
static void on_section(void *data, const xmlChar *bytes, int count) {
  const xmlChar *start = bytes;
  const xmlChar *end = bytes + count;
  const xmlChar *at;
  while ((at = memchr(start, '\r', (size_t)(end - start)))) {
    on_text(data, start, (int)(at - start));
    if (at[1] != '\n') on_text(data, (const xmlChar *)"\n", 1);
    start = at + 1;
  }
  on_text(data, start, (int)(end - start));
}

// MARK: - Entities

// What is kept of an entity in its `_private`: bytes of its own text, then its depth, from 1.
static uintptr_t measured(uint64_t bytes, uintptr_t depth) {
  return (uintptr_t)bytes << 8 | depth;
}

// Measures an entity and those it refers to; returns its depth, 0 after a fault.
static uintptr_t measure(qy_xml_parser *parser, xmlEntityPtr entity, int level) {
  if (entity->_private) return (uintptr_t)entity->_private & 0xFF;
  if (level > ENTITY_DEPTH) {
    xml_fail(
        parser, QY_XML_ENTITY, here(parser),
        "entity '%s' is part of itself, or nested too deeply", (const char *)entity->name);
    return 0;
  }
  const char *text = (const char *)entity->content;
  uintptr_t depth = 1;
  uint64_t bytes = 0;
  while (*text) {
    if (*text == '<') {
      xml_fail(parser, QY_XML_ENTITY, here(parser), "entity '%s' is more than plain text",
           (const char *)entity->name);
      return 0;
    }
    const char *end = *text == '&' && text[1] != '#' ? strchr(text, ';') : NULL;
    if (!end) {
      bytes += 1;
      text += 1;
      continue;
    }
    xmlChar *name = xmlStrndup((const xmlChar *)text + 1, (int)(end - text - 1));
    xmlEntityPtr inner = name && !xmlGetPredefinedEntity(name)
        ? xmlGetDocEntity(parser->context->myDoc, name) : NULL;
    if (inner && inner->etype == XML_INTERNAL_GENERAL_ENTITY && inner->content) {
      uintptr_t inner_depth = measure(parser, inner, level + 1);
      if (inner_depth + 1 > depth) depth = inner_depth + 1;
    } else {
      bytes += 1;
    }
    xmlFree(name);
    if (parser->fault_kind != QY_XML_NO_FAULT) return 0;
    text = end + 1;
  }
  if (depth > ENTITY_DEPTH) {
    xml_fail(parser, QY_XML_ENTITY, here(parser), "entity '%s' is nested too deeply",
         (const char *)entity->name);
    return 0;
  }
  entity->_private = (void *)measured(bytes, depth);
  return depth;
}

// An entity that is referred to; NULL, with a fault, if it may not be expanded.
static xmlEntityPtr on_entity(void *data, const xmlChar *name) {
  qy_xml_parser *parser = data;
  xmlParserCtxtPtr context = parser->context;
  xmlEntityPtr entity = context->myDoc ? xmlGetDocEntity(context->myDoc, name) : NULL;
  if (parser->is_declaring) {
    parser->is_declaring = 0;
    return entity;
  }
  if (parser->fault_kind != QY_XML_NO_FAULT) return NULL;
  if (!entity) {
    if (context->hasExternalSubset) {
      xml_fail(parser, QY_XML_ENTITY, here(parser), "entity '%s' is not declared in the file",
           (const char *)name);
    }
    return NULL;
  }
  if (entity->etype != XML_INTERNAL_GENERAL_ENTITY || !entity->content) {
    xml_fail(parser, QY_XML_ENTITY, here(parser), "entity '%s' lies outside of the file",
         (const char *)name);
    return NULL;
  }
  if (!measure(parser, entity, 1)) return NULL;
  spend(parser, (uintptr_t)entity->_private >> 8);
  return parser->fault_kind == QY_XML_NO_FAULT ? entity : NULL;
}

static xmlEntityPtr on_parameter_entity(void *data, const xmlChar *name) {
  qy_xml_parser *parser = data;
  if (parser->is_declaring) {
    parser->is_declaring = 0;
    return NULL;
  }
  xml_fail(parser, QY_XML_ENTITY, here(parser), "parameter entity '%s' is not read",
       (const char *)name);
  return NULL;
}

// libxml2 looks an internal entity up once after its declaration, and keeps internal general ones
// itself where there is no document.
static void on_entity_declaration(
    void *data, const xmlChar *name, int type, const xmlChar *public_id,
    const xmlChar *system_id, xmlChar *content) {
  (void)public_id;
  (void)content;
  qy_xml_parser *parser = data;
  parser->is_declaring =
      type == XML_INTERNAL_GENERAL_ENTITY || type == XML_INTERNAL_PARAMETER_ENTITY;
  (void)name;
  (void)system_id;
}

// MARK: - The parser

static void on_type(
    void *data, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id) {
  (void)name;
  (void)public_id;
  (void)system_id;
  ((qy_xml_parser *)data)->has_type = 1;
}

static void set_handler(xmlSAXHandler *handler) {
  memset(handler, 0, sizeof(*handler));
  handler->initialized = XML_SAX2_MAGIC;
  handler->startElementNs = on_start;
  handler->endElementNs = on_end;
  handler->characters = on_text;
  handler->ignorableWhitespace = on_text;
  handler->cdataBlock = on_section;
  handler->getEntity = on_entity;
  handler->getParameterEntity = on_parameter_entity;
  handler->entityDecl = on_entity_declaration;
  handler->internalSubset = on_type;
  handler->serror = on_error;
}

// libxml2 wants to be initialized by one thread before others use it.
static pthread_once_t initialization = PTHREAD_ONCE_INIT;

qy_xml_parser *qy_xml_create(qy_xml_limits limits) {
  pthread_once(&initialization, xmlInitParser);
  qy_xml_parser *parser = calloc(1, sizeof(*parser));
  if (!parser) return NULL;
  parser->limits = limits;
  parser->scan.token_bytes = limits.token_bytes;
  parser->scan.doctype_bytes = limits.doctype_bytes;
  parser->scan.maximum_attributes = limits.attributes;
  parser->is_head = 1;
  set_handler(&parser->handler);
  parser->context = xmlCreatePushParserCtxt(&parser->handler, parser, NULL, 0, NULL);
  if (!parser->context) {
    free(parser);
    return NULL;
  }
  // Its own limits would depend on buffers; ours hold instead of them. References in attributes are
  // replaced; those that lie outside never get that far.
  xmlCtxtUseOptions(
      parser->context, XML_PARSE_HUGE | XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
  xmlDictSetLimit(parser->context->dict, limits.name_bytes);
  xmlSwitchEncoding(parser->context, XML_CHAR_ENCODING_UTF8);
  return parser;
}

void qy_xml_free(qy_xml_parser *parser) {
  if (!parser) return;
  if (parser->context->myDoc) xmlFreeDoc(parser->context->myDoc);
  parser->context->myDoc = NULL;
  xmlFreeParserCtxt(parser->context);
  free(parser->events);
  free(parser->text);
  free(parser->names);
  free(parser->buckets);
  xml_plain_free(&parser->plain);
  free(parser);
}

void qy_xml_use_libxml2_only(qy_xml_parser *parser) { parser->is_libxml2_only = 1; }

uint64_t qy_xml_plain_bytes(const qy_xml_parser *parser) { return parser->plain.taken; }

static void parse(qy_xml_parser *parser, const void *bytes, size_t count) {
  if (parser->fault_kind != QY_XML_NO_FAULT) return;
  xmlParseChunk(parser->context, bytes, (int)count, 0);
}

static void refuse_token(qy_xml_parser *parser) {
  uint64_t offset = parser->taken + parser->scan.verdict_at;
  switch (parser->scan.verdict) {
    case SCAN_GOOD:
      break;
    case SCAN_LESS_THAN_IN_TAG:
      xml_fail(parser, QY_XML_MALFORMED, offset, "%s", "'<' inside of a tag");
      break;
    case SCAN_NO_NAME:
      xml_fail(parser, QY_XML_MALFORMED, offset, "%s",
           "'<' begins neither a tag nor a comment nor a section");
      break;
    case SCAN_NO_SPACE:
      xml_fail(parser, QY_XML_MALFORMED, offset, "%s", "no white space behind '<!DOCTYPE'");
      break;
    case SCAN_MANY_ATTRIBUTES:
      xml_fail(parser, QY_XML_MALFORMED, offset, "%s", "a tag has too many attributes");
      break;
    case SCAN_LONG_TOKEN:
      xml_fail(parser, QY_XML_MALFORMED, offset, "%s", "a tag, comment or instruction is too long");
      break;
    case SCAN_LONG_DOCTYPE:
      xml_fail(parser, QY_XML_ENTITY, offset, "%s", "the document type declaration is too long");
      break;
  }
}

static void shed(qy_xml_parser *parser) {
  if (parser->text_capacity > KEPT_BYTES) {
    free(parser->text);
    parser->text = NULL;
    parser->text_capacity = 0;
  }
  if (parser->event_capacity > KEPT_BYTES / sizeof(qy_xml_event)) {
    free(parser->events);
    parser->events = NULL;
    parser->event_capacity = 0;
  }
  parser->event_count = 0;
  parser->text_count = 0;
}

// Gives libxml2 what of the text is whole tokens; returns how many bytes that is.
static size_t read_by_libxml2(
    qy_xml_parser *parser, const uint8_t *bytes, size_t count, int is_last) {
  static const char cdata_start[] = "<![CDATA[";
  static const char cdata_end[] = "]]>";
  size_t end = xml_scan_tokens(&parser->scan, bytes, count);
  int is_refused = parser->scan.verdict != SCAN_GOOD;
  if (is_last && !is_refused) end = count;
  if (end > 0) {
    // libxml2 takes in 300 bytes at a time of a CDATA section whose end it does not see, and keeps
    // the rest; so it gets sections of its own. Outside the root there are none, and what was put
    // in would only move the fault.
    if (parser->is_cdata_split) {
      parse(parser, cdata_start, sizeof(cdata_start) - 1);
      parser->inserted += sizeof(cdata_start) - 1;
    }
    size_t pushed = 0;
    parser->taken += end;
    while (pushed < end) {
      size_t piece = end - pushed < (1u << 30) ? end - pushed : 1u << 30;
      parse(parser, bytes + pushed, piece);
      pushed += piece;
    }
    parser->is_cdata_split =
        parser->depth > 0 && parser->scan.state == SCAN_CDATA && !is_last && !is_refused;
    if (parser->is_cdata_split) {
      parse(parser, cdata_end, sizeof(cdata_end) - 1);
      parser->inserted += sizeof(cdata_end) - 1;
    }
    xml_scan_take(&parser->scan, end);
    if (is_refused) parser->scan.verdict_at -= end;
  }
  if (is_refused) {
    refuse_token(parser);
  } else if (is_last && parser->fault_kind == QY_XML_NO_FAULT) {
    parser->is_terminating = 1;
    xmlParseChunk(parser->context, NULL, 0, 1);
  }
  return end;
}

// Lets libxml2 read token by token up to the first start tag, behind which the content is read
// without it, unless the document has a type.
static size_t read_head(qy_xml_parser *parser, const uint8_t *bytes, size_t count) {
  size_t taken = 0;
  size_t seen = parser->scan.scanned;
  // Each byte is looked at once, however long a comment goes on.
  size_t valid = parser->head_valid;
  int is_good = 1;
  while (parser->depth == 0 && parser->fault_kind == QY_XML_NO_FAULT) {
    const uint8_t *end = memchr(bytes + taken + seen, '>', count - taken - seen);
    if (!end) break;
    seen = (size_t)(end + 1 - bytes) - taken;
    // What libxml2 says of a character that is none depends on the bytes behind it.
    is_good = qy_utf8_valid_prefix(bytes + taken + valid, seen - valid) == seen - valid;
    if (!is_good) break;
    size_t part = read_by_libxml2(parser, bytes + taken, seen, 0);
    taken += part;
    seen -= part;
    valid = seen;
    if (parser->has_type || parser->is_root_closed) break;
  }
  xmlParserInputPtr input = parser->context->input;
  parser->is_head = is_good && parser->depth == 0 && !parser->has_type && !parser->is_root_closed;
  parser->plain.is_on = parser->depth == 1 && !parser->has_type && input &&
                        input->cur == input->end && seen == 0 &&
                        parser->plain.space_count <= PLAIN_SPACES;
  if (parser->plain.is_on) parser->plain.line = input->line;
  parser->head_valid = valid;
  return taken;
}

// Makes libxml2 go on behind the plain content: it gets the start tags of the elements that are
// open, whose events have been.
static void hand_over(qy_xml_parser *parser, uint64_t plain_bytes) {
  xml_plain *plain = &parser->plain;
  parser->is_repeating = 1;
  for (size_t i = 0; i < plain->depth; i++) {
    const plain_element *element = &plain->elements[i];
    parser->context->input->line = element->line;
    parse(parser, plain->tags + element->kept, element->length);
    parser->inserted += element->length;
  }
  parser->is_repeating = 0;
  parser->context->input->line = plain->line;
  parser->inserted -= plain_bytes;
}

qy_xml_batch qy_xml_push(
    qy_xml_parser *parser, const uint8_t *bytes, size_t count, int is_last) {
  shed(parser);
  size_t taken = 0;
  if (parser->is_head && !parser->is_libxml2_only) taken = read_head(parser, bytes, count);
  if (parser->plain.is_on) {
    size_t part = xml_plain_read(parser, bytes + taken, count - taken, is_last);
    parser->taken += part;
    taken += part;
    if (!parser->plain.is_on) hand_over(parser, parser->plain.taken);
  }
  int is_plain = parser->plain.is_on;
  if (!is_plain && (parser->fault_kind == QY_XML_NO_FAULT)) {
    size_t part = read_by_libxml2(parser, bytes + taken, count - taken, is_last);
    parser->head_valid -= part < parser->head_valid ? part : parser->head_valid;
    taken += part;
  }
  return (qy_xml_batch){
      taken, parser->events, parser->event_count, parser->text, parser->text_count};
}

qy_xml_fault qy_xml_get_fault(const qy_xml_parser *parser) {
  return (qy_xml_fault){parser->fault_kind, parser->fault_offset, parser->message};
}

size_t qy_xml_name_count(const qy_xml_parser *parser) { return parser->name_count; }

const char *qy_xml_local_name(const qy_xml_parser *parser, size_t name) {
  return (const char *)parser->names[name].local;
}

const char *qy_xml_namespace(const qy_xml_parser *parser, size_t name) {
  const xmlChar *space = parser->names[name].space;
  return space ? (const char *)space : "";
}
