#ifndef QY_XML_EVENTS_H
#define QY_XML_EVENTS_H

#include <stddef.h>
#include <stdint.h>

// What libxml2's push parser finds in UTF-8, as plain arrays of events: no callback reaches Swift. The
// plain content of a document is read without it, with the same events (`xml_plain.h`).
//
// What libxml2 gets is scanned for the borders of its tokens first (`xml_scan.c`), and it gets whole
// tokens only: start tags, comments, declarations in one piece, text and CDATA in any. So nothing
// it does depends on how the text was cut, none of its searches for the end of a token runs twice,
// and a hostile token is refused before libxml2 sees it.
//
// Nothing is ever read from outside: no DTD, no external entity, no parameter entity. Internal
// entities are expanded if they are plain text, within a budget.

enum {
  // `offset` of '<'; `length` up to the '>' or '/>'; `name`. Its attributes follow.
  QY_XML_START = 0,
  // `name`; the value is `length` bytes of the batch's text from `offset`.
  QY_XML_ATTRIBUTE = 1,
  // `length` bytes of the batch's text from `offset`.
  QY_XML_TEXT = 2,
  // `offset` of the first byte behind the element.
  QY_XML_END = 3,
  // An attribute or a text that stands in the text given as it is, `length` bytes from `offset`.
  QY_XML_SOURCE_ATTRIBUTE = 4,
  QY_XML_SOURCE_TEXT = 5,
};

enum {
  QY_XML_NO_FAULT = 0,
  QY_XML_TRUNCATED = 1,
  QY_XML_MALFORMED = 2,
  QY_XML_NESTING = 3,
  QY_XML_ENTITY = 4,
};

typedef struct {
  uint64_t offset;
  uint32_t length;
  // Number of the pair of local name and namespace, from 0 in the order of first use.
  uint32_t name;
  uint32_t kind;
} qy_xml_event;

// What one call of `qy_xml_push` found; valid until the next.
typedef struct {
  // Bytes taken; the others have to be given again, with more behind them.
  size_t taken;
  const qy_xml_event *events;
  size_t count;
  const uint8_t *text;
  size_t text_count;
} qy_xml_batch;

typedef struct {
  // Bytes that entities may make.
  uint64_t entity_bytes;
  // Bytes of a tag, a comment or a processing instruction.
  size_t token_bytes;
  // Bytes of a document type declaration.
  size_t doctype_bytes;
  // Attributes of one element, namespace declarations included.
  size_t attributes;
  // Elements in each other, where the parser gives up.
  size_t depth;
  // Namespaces declared by the elements that are open.
  size_t namespaces;
  // Names, and bytes of all names.
  size_t names;
  size_t name_bytes;
} qy_xml_limits;

typedef struct {
  uint32_t kind;
  // In the text given.
  uint64_t offset;
  // English, one line, no full stop.
  const char *message;
} qy_xml_fault;

typedef struct qy_xml_parser qy_xml_parser;

// NULL if there is no memory.
qy_xml_parser *qy_xml_create(qy_xml_limits limits);
void qy_xml_free(qy_xml_parser *parser);

// Parses the next bytes; not to be called again after a fault or with nothing behind the last.
qy_xml_batch qy_xml_push(
    qy_xml_parser *parser, const uint8_t *bytes, size_t count, int is_last);

// For tests: leaves the whole document to libxml2. Before the first push.
void qy_xml_use_libxml2_only(qy_xml_parser *parser);
// For tests: bytes that were read without libxml2.
uint64_t qy_xml_plain_bytes(const qy_xml_parser *parser);

// The first fault; it comes behind all events of the batch.
qy_xml_fault qy_xml_get_fault(const qy_xml_parser *parser);

size_t qy_xml_name_count(const qy_xml_parser *parser);
const char *qy_xml_local_name(const qy_xml_parser *parser, size_t name);
// Empty for names in no namespace.
const char *qy_xml_namespace(const qy_xml_parser *parser, size_t name);

#endif
