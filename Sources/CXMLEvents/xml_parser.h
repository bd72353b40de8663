#ifndef QY_XML_PARSER_H
#define QY_XML_PARSER_H

#include <libxml/parser.h>

#include "xml_events.h"
#include "xml_plain.h"
#include "xml_scan.h"

// What the two ways to read a document share: libxml2 (`xml_events.c`), and our own for its plain
// parts (`xml_plain.c`).

// The longest message, in bytes.
#define MESSAGE_BYTES 240

typedef struct {
  const xmlChar *local;
  const xmlChar *space;
} name_entry;

struct qy_xml_parser {
  xmlParserCtxtPtr context;
  xmlSAXHandler handler;
  qy_xml_limits limits;
  xml_scan scan;
  // Bytes taken, and bytes that only libxml2 got: it counts both.
  uint64_t taken;
  uint64_t inserted;
  // libxml2 was told that a CDATA section ended which goes on.
  int is_cdata_split;
  int is_terminating;
  size_t depth;
  int is_root_closed;

  // The first start tag has not been read, nor a document type declaration.
  int is_head;
  // Of the head, bytes not yet taken that are known to be UTF-8.
  size_t head_valid;
  int has_type;
  // The events of what libxml2 gets have been already.
  int is_repeating;
  int is_libxml2_only;
  xml_plain plain;

  qy_xml_event *events;
  size_t event_count;
  size_t event_capacity;
  uint8_t *text;
  size_t text_count;
  size_t text_capacity;

  name_entry *names;
  size_t name_count;
  // Open addressing over `names`; entries are numbers plus one, 0 is free.
  uint32_t *buckets;
  size_t bucket_count;

  uint64_t entity_bytes;
  // The next lookup of an entity comes from its own declaration.
  int is_declaring;

  uint32_t fault_kind;
  uint64_t fault_offset;
  char message[MESSAGE_BYTES];
};

// Notes the first fault.
void xml_fail(
    qy_xml_parser *parser, uint32_t kind, uint64_t offset, const char *format, const char *name);

// The functions below return 0 or NULL after a fault: there is no memory, or no more is allowed.

int xml_grow_events(qy_xml_parser *parser);
int xml_add_text(qy_xml_parser *parser, const xmlChar *bytes, size_t count);

// Number of a name; both strings come from the dictionary of the parser, so pointers tell.
uint32_t xml_name_of(qy_xml_parser *parser, const xmlChar *local, const xmlChar *space);

// Makes room for `wanted` things of `size` bytes.
int xml_grow(void **memory, size_t *capacity, size_t wanted, size_t size);

static inline qy_xml_event *xml_add_event(qy_xml_parser *parser, uint32_t kind) {
  if (parser->event_count == parser->event_capacity && !xml_grow_events(parser)) return NULL;
  qy_xml_event *event = &parser->events[parser->event_count++];
  event->kind = kind;
  return event;
}

#endif
