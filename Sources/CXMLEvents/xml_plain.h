#ifndef QY_XML_PLAIN_H
#define QY_XML_PLAIN_H

#include <libxml/parser.h>
#include <stddef.h>
#include <stdint.h>

#include "xml_events.h"

// Reads the plain content of a document, which is nearly all of nearly every one, several times as
// fast as libxml2: elements, attributes, text, predefined entities and character references,
// comments and CDATA sections.
//
// ADVICE FOR HACKERS
//
// libxml2 decides what a document is. It reads everything up to the first start tag, that tag, and
// everything from the last end tag on. What lies in between is read here, token by token, and
// only where the events are beyond doubt those of libxml2. At the first token that is anything else
// - wrong, cut by the end of the text, too long, a processing instruction, a namespace declaration,
// an unknown entity - libxml2 gets the start tags of the elements that are open, again, and then
// everything from that token on; its messages name lines, so it is told those too. Hence nothing
// here ever reports a fault, and "leave it to libxml2" (PLAIN_UNUSUAL) is always a right answer; it
// only has to depend on the document alone, not on how it was cut into pieces.
//
// A token is read wholly or not at all, so there is no state inside of one.

// Namespaces that the first element may declare.
#define PLAIN_SPACES 16

// A name as it is written, of elements or of attributes. What its first and its last eight bytes
// are decides nearly every comparison.
typedef struct {
  uint64_t first;
  uint64_t last;
  uint8_t *bytes;
  uint32_t length;
  uint32_t name;
} plain_name;

// Open addressing over `names`; entries are numbers plus one, 0 is free.
typedef struct {
  plain_name *names;
  size_t count;
  uint32_t *buckets;
  size_t bucket_count;
} plain_names;

typedef struct {
  // Number among the names of elements.
  uint32_t written;
  // Bytes of the start tag.
  uint32_t length;
  // Where it begins: in the bytes of this call, and where it was kept when the call had ended.
  size_t start;
  size_t kept;
  // Its line, once it is kept.
  int line;
} plain_element;

typedef struct {
  // The document is read here.
  int is_on;
  // Open elements inside of the first one.
  plain_element *elements;
  size_t depth;
  size_t element_capacity;
  // Start tags of the first `kept_depth` of them.
  size_t kept_depth;
  uint8_t *tags;
  size_t tag_count;
  size_t tag_capacity;
  // What libxml2 would call the line of the first byte not taken.
  int line;
  // Bytes taken.
  uint64_t taken;
  // There is no use in trying again with fewer bytes.
  size_t wanted;

  plain_names elements_met;
  plain_names attributes_met;

  // What the first element declares: prefix (NULL for none) and namespace.
  size_t space_count;
  const xmlChar *prefixes[PLAIN_SPACES];
  const xmlChar *spaces[PLAIN_SPACES];
} xml_plain;

// Reads as much of the content as is plain.
//
// Returns the bytes taken; `is_on` is off if libxml2 has to go on behind them.
size_t xml_plain_read(qy_xml_parser *parser, const uint8_t *bytes, size_t count, int is_last);

void xml_plain_free(xml_plain *plain);

#endif
