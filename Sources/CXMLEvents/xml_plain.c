#define _GNU_SOURCE
#include "xml_plain.h"

#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "byte_counts.h"
#include "separator_index.h"
#include "xml_bytes.h"
#include "xml_parser.h"

// Longest tag or comment, and longest text or CDATA section, that are read here.
#define TAG_BYTES (64u << 10)
#define TEXT_BYTES (1u << 20)
// A token that is not whole is scanned again with more; one longer than this when there is twice as
// much.
#define RESCANNED_BYTES 4096
#define NAME_BYTES 200
#define PLAIN_ATTRIBUTES 64
#define PLAIN_DEPTH 128
#define PLAIN_NAMES 1024
// Digits of a character reference.
#define REFERENCE_DIGITS 8

typedef enum {
  // The token was taken.
  PLAIN_TAKEN,
  // It goes on behind the bytes that there are.
  PLAIN_CUT,
  // libxml2 has to read it.
  PLAIN_UNUSUAL,
} plain_step;

// The bytes of one call. All of them are characters that XML allows.
typedef struct {
  const uint8_t *bytes;
  size_t count;
  size_t at;
  // Offset of the first byte in the text.
  uint64_t offset;
} plain_input;

// MARK: - Names

static uint64_t load(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof(word));
  return word;
}

// The first and the last eight bytes of a name; of a shorter one, all of it twice.
static inline void name_words(
    const plain_input *input, size_t start, size_t length, uint64_t *first, uint64_t *last) {
  const uint8_t *bytes = input->bytes + start;
  if (length >= 8) {
    *first = load(bytes);
    *last = load(bytes + length - 8);
    return;
  }
  uint64_t word = 0;
  if (input->count - start >= 8) {
    // The bytes behind the name are shifted out; which end is which does not matter.
    memcpy(&word, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    word <<= 64 - 8 * length;
#else
    word >>= 64 - 8 * length;
#endif
  } else {
    for (size_t i = 0; i < length; i++) word = word >> 8 | (uint64_t)bytes[i] << 56;
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap64(word);
#endif
  }
  *first = word;
  *last = word;
}

static inline size_t bucket_of(uint64_t first, uint64_t last, size_t length, size_t count) {
  uint64_t hash = (first ^ length) * 0x9E3779B97F4A7C15u;
  hash = (hash ^ last ^ hash >> 29) * 0xC2B2AE3D27D4EB4Fu;
  return (size_t)(hash >> 32) & (count - 1);
}

static inline int is_name(
    const plain_name *name, const uint8_t *bytes, size_t length, uint64_t first, uint64_t last) {
  return name->first == first && name->last == last && name->length == length &&
         (length <= 16 || memcmp(name->bytes + 8, bytes + 8, length - 16) == 0);
}

static int grow_names(plain_names *names) {
  size_t count = names->bucket_count ? names->bucket_count * 2 : 256;
  uint32_t *buckets = calloc(count, sizeof(uint32_t));
  plain_name *moved = realloc(names->names, count / 2 * sizeof(plain_name));
  if (moved) names->names = moved;
  if (!buckets || !moved) {
    free(buckets);
    return 0;
  }
  for (size_t i = 0; i < names->count; i++) {
    const plain_name *name = &names->names[i];
    size_t at = bucket_of(name->first, name->last, name->length, count);
    while (buckets[at]) at = (at + 1) & (count - 1);
    buckets[at] = (uint32_t)i + 1;
  }
  free(names->buckets);
  names->buckets = buckets;
  names->bucket_count = count;
  return 1;
}

// The dictionary's copy of a part of a name, if that part may be one.
static const xmlChar *part_of_name(qy_xml_parser *parser, const uint8_t *bytes, size_t length) {
  xmlChar text[NAME_BYTES + 1];
  memcpy(text, bytes, length);
  text[length] = 0;
  if (strlen((const char *)text) != length || xmlValidateNCName(text, 0) != 0) return NULL;
  return xmlDictLookup(parser->context->dict, bytes, (int)length);
}

// Finds out what a name stands for; 0 if libxml2 should.
static int resolve_name(
    qy_xml_parser *parser, const uint8_t *bytes, size_t length, int is_element, uint32_t *number) {
  const xml_plain *plain = &parser->plain;
  if (length == 0 || length > NAME_BYTES || parser->name_count >= PLAIN_NAMES) return 0;
  const uint8_t *colon = memchr(bytes, ':', length);
  size_t prefix_length = colon ? (size_t)(colon - bytes) : 0;
  const xmlChar *space = NULL;
  if (colon || is_element) {
    size_t i = 0;
    for (; i < plain->space_count; i++) {
      const char *prefix = (const char *)plain->prefixes[i];
      if (!colon ? !prefix : prefix && strlen(prefix) == prefix_length &&
          memcmp(prefix, bytes, prefix_length) == 0) {
        break;
      }
    }
    if (i < plain->space_count) {
      space = plain->spaces[i];
    } else if (colon) {
      return 0;
    }
  }
  // Declarations of namespaces are not read here.
  if (!colon && length == 5 && memcmp(bytes, "xmlns", 5) == 0) return 0;
  size_t start = colon ? prefix_length + 1 : 0;
  const xmlChar *local = part_of_name(parser, bytes + start, length - start);
  if (!local) return 0;
  *number = xml_name_of(parser, local, space);
  return parser->fault_kind == QY_XML_NO_FAULT;
}

// Takes up a name that is met for the first time; -1 if libxml2 should read it.
static __attribute__((noinline)) int32_t add_name(
    qy_xml_parser *parser, plain_names *names, plain_name added, const uint8_t *bytes) {
  int is_element = names == &parser->plain.elements_met;
  if (!resolve_name(parser, bytes, added.length, is_element, &added.name)) return -1;
  if (names->count * 2 >= names->bucket_count && !grow_names(names)) return -1;
  added.bytes = malloc(added.length);
  if (!added.bytes) return -1;
  memcpy(added.bytes, bytes, added.length);
  size_t at = bucket_of(added.first, added.last, added.length, names->bucket_count);
  while (names->buckets[at]) at = (at + 1) & (names->bucket_count - 1);
  names->names[names->count] = added;
  names->buckets[at] = (uint32_t)++names->count;
  return (int32_t)names->count - 1;
}

// Number of a name among those met; -1 if libxml2 should read it.
static inline int32_t find_name(
    qy_xml_parser *parser, plain_names *names, const plain_input *input, size_t start,
    size_t length) {
  const uint8_t *bytes = input->bytes + start;
  uint64_t first;
  uint64_t last;
  if (length == 0) return -1;
  name_words(input, start, length, &first, &last);
  size_t at = bucket_of(first, last, length, names->bucket_count);
  while (names->buckets[at]) {
    uint32_t number = names->buckets[at] - 1;
    if (is_name(&names->names[number], bytes, length, first, last)) return (int32_t)number;
    at = (at + 1) & (names->bucket_count - 1);
  }
  plain_name added = {first, last, NULL, (uint32_t)length, 0};
  return add_name(parser, names, added, bytes);
}

// MARK: - Text

static int is_space(uint8_t byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

// A token that is not whole: whether it may become so.
static plain_step cut(const plain_input *input, size_t limit) {
  return input->count - input->at > limit ? PLAIN_UNUSUAL : PLAIN_CUT;
}

static int32_t digit_value(uint8_t byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return 16;
}

static int is_character(uint32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  return code <= 0xD7FF || (code >= 0xE000 && code <= 0xFFFD) ||
         (code >= 0x10000 && code <= 0x10FFFF);
}

static size_t encode(uint32_t code, uint8_t *out) {
  if (code < 0x80) {
    out[0] = (uint8_t)code;
    return 1;
  }
  size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = length; i-- > 1; code >>= 6) out[i] = (uint8_t)(0x80 | (code & 0x3F));
  out[0] = (uint8_t)((0xF00 >> length & 0xF0) | code);
  return length;
}

// Decodes the reference at `*at`, and moves behind it.
static plain_step read_reference(
    const plain_input *input, size_t *at, uint8_t *out, size_t *length) {
  static const struct {
    const char *text;
    uint8_t byte;
  } entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
  const uint8_t *bytes = input->bytes + *at;
  size_t count = input->count - *at;
  for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
    size_t whole = strlen(entities[i].text);
    if (memcmp(bytes, entities[i].text, whole < count ? whole : count) != 0) continue;
    if (count < whole) return PLAIN_CUT;
    out[0] = entities[i].byte;
    *length = 1;
    *at += whole;
    return PLAIN_TAKEN;
  }
  if (count < 3) return PLAIN_CUT;
  if (bytes[1] != '#') return PLAIN_UNUSUAL;
  int32_t base = bytes[2] == 'x' ? 16 : 10;
  size_t start = base == 16 ? 3 : 2;
  uint32_t code = 0;
  size_t i = start;
  for (; i < count && digit_value(bytes[i]) < base; i++) {
    if (i - start >= REFERENCE_DIGITS) return PLAIN_UNUSUAL;
    code = code * (uint32_t)base + (uint32_t)digit_value(bytes[i]);
  }
  if (i == count) return PLAIN_CUT;
  if (i == start || bytes[i] != ';' || !is_character(code)) return PLAIN_UNUSUAL;
  *length = encode(code, out);
  *at += i + 1;
  return PLAIN_TAKEN;
}

static int add_slice(qy_xml_parser *parser, uint32_t kind, uint64_t offset, size_t length) {
  qy_xml_event *event = xml_add_event(parser, kind);
  if (!event) return 0;
  event->offset = offset;
  event->length = (uint32_t)length;
  event->name = 0;
  return 1;
}

// Text with line breaks or references that stand for something else, from `start` on; `at` is at
// the first byte that is not itself.
static plain_step read_changed_text(
    qy_xml_parser *parser, plain_input *input, size_t start, size_t at) {
  const uint8_t *bytes = input->bytes;
  size_t made = parser->text_count;
  size_t copied = start;
  plain_step step = PLAIN_TAKEN;
  while (at < input->count && bytes[at] != '<') {
    if (bytes[at] == '>') {
      if (at >= start + 2 && bytes[at - 1] == ']' && bytes[at - 2] == ']') step = PLAIN_UNUSUAL;
      at += 1;
    } else {
      if (!xml_add_text(parser, bytes + copied, at - copied)) return PLAIN_UNUSUAL;
      uint8_t character[4] = {'\n'};
      size_t length = 1;
      if (bytes[at] == '&') {
        step = read_reference(input, &at, character, &length);
      } else {
        at += at + 1 < input->count && bytes[at + 1] == '\n' ? 2 : 1;
      }
      if (!xml_add_text(parser, character, length)) return PLAIN_UNUSUAL;
      copied = at;
    }
    if (step != PLAIN_TAKEN) break;
    at = xml_text_end(bytes, at, input->count);
  }
  if (step == PLAIN_TAKEN && at == input->count) step = cut(input, TEXT_BYTES);
  if (step == PLAIN_TAKEN && at - start > TEXT_BYTES) step = PLAIN_UNUSUAL;
  if (step != PLAIN_TAKEN) {
    parser->text_count = made;
    return step == PLAIN_CUT ? cut(input, TEXT_BYTES) : step;
  }
  if (!xml_add_text(parser, bytes + copied, at - copied)) return PLAIN_UNUSUAL;
  add_slice(parser, QY_XML_TEXT, made, parser->text_count - made);
  input->at = at;
  return PLAIN_TAKEN;
}

// Text up to the next '<'.
static inline plain_step read_text(qy_xml_parser *parser, plain_input *input) {
  const uint8_t *bytes = input->bytes;
  size_t start = input->at;
  size_t at = xml_text_end(bytes, start, input->count);
  // '>' is text, but not behind "]]".
  while (at < input->count && bytes[at] == '>') {
    if (at >= start + 2 && bytes[at - 1] == ']' && bytes[at - 2] == ']') return PLAIN_UNUSUAL;
    at = xml_text_end(bytes, at + 1, input->count);
  }
  if (at == input->count) return cut(input, TEXT_BYTES);
  if (bytes[at] != '<') return read_changed_text(parser, input, start, at);
  if (at - start > TEXT_BYTES) return PLAIN_UNUSUAL;
  add_slice(parser, QY_XML_SOURCE_TEXT, input->offset + start, at - start);
  input->at = at;
  return PLAIN_TAKEN;
}

// MARK: - Tags

// An attribute value with references or white space that is replaced; moves behind its quote.
static plain_step read_changed_value(
    qy_xml_parser *parser, const plain_input *input, size_t *place, uint8_t quote, uint32_t name) {
  const uint8_t *bytes = input->bytes;
  size_t at = *place;
  size_t made = parser->text_count;
  size_t copied = at;
  for (;;) {
    at = xml_value_end(bytes, at, input->count, quote);
    if (at == input->count) return PLAIN_CUT;
    if (bytes[at] == '<') return PLAIN_UNUSUAL;
    if (!xml_add_text(parser, bytes + copied, at - copied)) return PLAIN_UNUSUAL;
    if (bytes[at] == quote) break;
    uint8_t character[4] = {' '};
    size_t length = 1;
    if (bytes[at] == '&') {
      plain_step step = read_reference(input, &at, character, &length);
      if (step != PLAIN_TAKEN) return step;
    } else {
      at += bytes[at] == '\r' && at + 1 < input->count && bytes[at + 1] == '\n' ? 2 : 1;
    }
    if (!xml_add_text(parser, character, length)) return PLAIN_UNUSUAL;
    copied = at;
  }
  qy_xml_event *event = xml_add_event(parser, QY_XML_ATTRIBUTE);
  if (!event) return PLAIN_UNUSUAL;
  event->offset = made;
  event->length = (uint32_t)(parser->text_count - made);
  event->name = name;
  *place = at + 1;
  return PLAIN_TAKEN;
}

// The attribute whose name begins at `*place`; moves behind it.
static inline plain_step read_attribute(
    qy_xml_parser *parser, const plain_input *input, size_t *place, size_t first_event) {
  const uint8_t *bytes = input->bytes;
  size_t count = input->count;
  size_t start = *place;
  size_t at = xml_attribute_name_end(bytes, start, count);
  if (at == count) return PLAIN_CUT;
  int32_t written = find_name(parser, &parser->plain.attributes_met, input, start, at - start);
  if (written < 0) return PLAIN_UNUSUAL;
  uint32_t name = parser->plain.attributes_met.names[written].name;
  // Two names written differently may be the same.
  for (size_t i = first_event; i < parser->event_count; i++) {
    if (parser->events[i].name == name) return PLAIN_UNUSUAL;
  }
  while (at < count && is_space(bytes[at])) at++;
  if (at < count && bytes[at] != '=') return PLAIN_UNUSUAL;
  at++;
  while (at < count && is_space(bytes[at])) at++;
  if (at >= count) return PLAIN_CUT;
  uint8_t quote = bytes[at];
  if (quote != '"' && quote != '\'') return PLAIN_UNUSUAL;
  at++;
  size_t end = xml_value_end(bytes, at, count, quote);
  if (end == count) return PLAIN_CUT;
  if (bytes[end] != quote) {
    *place = at;
    return read_changed_value(parser, input, place, quote, name);
  }
  qy_xml_event *event = xml_add_event(parser, QY_XML_SOURCE_ATTRIBUTE);
  if (!event) return PLAIN_UNUSUAL;
  event->offset = input->offset + at;
  event->length = (uint32_t)(end - at);
  event->name = name;
  *place = end + 1;
  return PLAIN_TAKEN;
}

// The attributes of a tag; `*place` is behind its name, and is moved to its '/' or '>'.
static plain_step read_attributes(
    qy_xml_parser *parser, const plain_input *input, size_t *place) {
  const uint8_t *bytes = input->bytes;
  size_t first_event = parser->event_count;
  for (;;) {
    size_t at = *place;
    while (at < input->count && is_space(bytes[at])) at++;
    if (at == input->count) return PLAIN_CUT;
    int is_apart = at > *place;
    *place = at;
    if (bytes[at] == '>' || bytes[at] == '/') return PLAIN_TAKEN;
    if (!is_apart || parser->event_count - first_event >= PLAIN_ATTRIBUTES) return PLAIN_UNUSUAL;
    plain_step step = read_attribute(parser, input, place, first_event);
    if (step != PLAIN_TAKEN) return step;
  }
}

static int push_element(xml_plain *plain, uint32_t written, size_t start, size_t length) {
  if (plain->depth == plain->element_capacity) {
    void *elements = plain->elements;
    if (!xml_grow(&elements, &plain->element_capacity, plain->depth + 16, sizeof(plain_element))) {
      return 0;
    }
    plain->elements = elements;
  }
  plain->elements[plain->depth++] = (plain_element){written, (uint32_t)length, start, 0, 0};
  return 1;
}

static plain_step read_start(qy_xml_parser *parser, plain_input *input) {
  xml_plain *plain = &parser->plain;
  const uint8_t *bytes = input->bytes;
  size_t start = input->at;
  size_t at = xml_name_end(bytes, start + 1, input->count);
  if (at == input->count) return cut(input, TAG_BYTES);
  int32_t written = find_name(parser, &plain->elements_met, input, start + 1, at - start - 1);
  if (written < 0) return PLAIN_UNUSUAL;
  size_t events = parser->event_count;
  size_t text = parser->text_count;
  if (!add_slice(parser, QY_XML_START, input->offset + start, 0)) return PLAIN_UNUSUAL;
  plain_step step = PLAIN_TAKEN;
  if (bytes[at] != '>' && bytes[at] != '/') step = read_attributes(parser, input, &at);
  int is_empty = step == PLAIN_TAKEN && bytes[at] == '/';
  size_t end = at + 1 + (size_t)is_empty;
  if (step == PLAIN_TAKEN && end > input->count) step = PLAIN_CUT;
  if (is_empty && step == PLAIN_TAKEN && bytes[end - 1] != '>') step = PLAIN_UNUSUAL;
  if (step == PLAIN_CUT) step = cut(input, TAG_BYTES);
  if (end - start > TAG_BYTES || parser->depth >= PLAIN_DEPTH) step = PLAIN_UNUSUAL;
  if (step == PLAIN_TAKEN && !is_empty) {
    if (!push_element(plain, (uint32_t)written, start, end - start)) step = PLAIN_UNUSUAL;
  }
  if (step != PLAIN_TAKEN) {
    parser->event_count = events;
    parser->text_count = text;
    return step;
  }
  parser->events[events].length = (uint32_t)(at - start);
  parser->events[events].name = plain->elements_met.names[written].name;
  if (is_empty) {
    add_slice(parser, QY_XML_END, input->offset + end, 0);
  } else {
    parser->depth += 1;
  }
  input->at = end;
  return PLAIN_TAKEN;
}

static plain_step read_end(qy_xml_parser *parser, plain_input *input) {
  xml_plain *plain = &parser->plain;
  // The end of the first element is libxml2's, and all behind it.
  if (plain->depth == 0) return PLAIN_UNUSUAL;
  const plain_element *element = &plain->elements[plain->depth - 1];
  const plain_name *name = &plain->elements_met.names[element->written];
  size_t at = input->at + 2;
  if (input->count - at <= name->length) return PLAIN_CUT;
  uint64_t first;
  uint64_t last;
  name_words(input, at, name->length, &first, &last);
  if (!is_name(name, input->bytes + at, name->length, first, last)) return PLAIN_UNUSUAL;
  at += name->length;
  while (at < input->count && is_space(input->bytes[at])) at++;
  if (at == input->count) return cut(input, TAG_BYTES);
  if (input->bytes[at] != '>' || at - input->at >= TAG_BYTES) return PLAIN_UNUSUAL;
  input->at = at + 1;
  plain->depth -= 1;
  parser->depth -= 1;
  if (plain->depth < plain->kept_depth) {
    plain->kept_depth = plain->depth;
    plain->tag_count = element->kept;
  }
  add_slice(parser, QY_XML_END, input->offset + at + 1, 0);
  return PLAIN_TAKEN;
}

// MARK: - Other tokens

static plain_step read_comment(plain_input *input) {
  const uint8_t *start = input->bytes + input->at + 4;
  const uint8_t *end = input->bytes + input->count;
  const uint8_t *dashes = memmem(start, (size_t)(end - start), "--", 2);
  if (!dashes || dashes + 2 == end) return cut(input, TAG_BYTES);
  size_t behind = (size_t)(dashes - input->bytes) + 3;
  if (dashes[2] != '>' || behind - input->at > TAG_BYTES) return PLAIN_UNUSUAL;
  input->at = behind;
  return PLAIN_TAKEN;
}

static plain_step read_section(qy_xml_parser *parser, plain_input *input) {
  const uint8_t *start = input->bytes + input->at + 9;
  const uint8_t *end = input->bytes + input->count;
  const uint8_t *close = memmem(start, (size_t)(end - start), "]]>", 3);
  if (!close) return cut(input, TEXT_BYTES);
  size_t length = (size_t)(close - start);
  // A section with CR is left to libxml2, behind which its line ends become LF.
  if (length > TEXT_BYTES || memchr(start, '\r', length)) return PLAIN_UNUSUAL;
  if (length > 0) {
    uint64_t offset = input->offset + (uint64_t)(start - input->bytes);
    add_slice(parser, QY_XML_SOURCE_TEXT, offset, length);
  }
  input->at = (size_t)(close - input->bytes) + 3;
  return PLAIN_TAKEN;
}

static plain_step read_bang(qy_xml_parser *parser, plain_input *input) {
  const uint8_t *bytes = input->bytes + input->at;
  size_t count = input->count - input->at;
  if (memcmp(bytes, "<!--", count < 4 ? count : 4) == 0) {
    return count < 4 ? PLAIN_CUT : read_comment(input);
  }
  if (memcmp(bytes, "<![CDATA[", count < 9 ? count : 9) == 0) {
    return count < 9 ? PLAIN_CUT : read_section(parser, input);
  }
  return PLAIN_UNUSUAL;
}

static inline plain_step read_token(qy_xml_parser *parser, plain_input *input) {
  if (input->bytes[input->at] != '<') return read_text(parser, input);
  if (input->count - input->at < 2) return PLAIN_CUT;
  switch (input->bytes[input->at + 1]) {
    case '/': return read_end(parser, input);
    case '!': return read_bang(parser, input);
    case '?': return PLAIN_UNUSUAL;
    default: return read_start(parser, input);
  }
}

// MARK: - The document

// Keeps the start tags of the elements that are open, whose bytes will be gone; counts lines.
static int keep_tags(xml_plain *plain, const uint8_t *bytes, size_t taken) {
  size_t counted = 0;
  for (; plain->kept_depth < plain->depth; plain->kept_depth++) {
    plain_element *element = &plain->elements[plain->kept_depth];
    plain->line += (int)qy_line_feeds(bytes + counted, element->start - counted);
    counted = element->start;
    void *tags = plain->tags;
    size_t count = plain->tag_count + element->length;
    if (!xml_grow(&tags, &plain->tag_capacity, count, 1)) return 0;
    plain->tags = tags;
    memcpy(plain->tags + plain->tag_count, bytes + element->start, element->length);
    element->line = plain->line;
    element->kept = plain->tag_count;
    plain->tag_count = count;
  }
  plain->line += (int)qy_line_feeds(bytes + counted, taken - counted);
  return 1;
}

size_t xml_plain_read(qy_xml_parser *parser, const uint8_t *bytes, size_t count, int is_last) {
  xml_plain *plain = &parser->plain;
  if (!plain->elements_met.buckets && !grow_names(&plain->elements_met)) plain->is_on = 0;
  if (!plain->attributes_met.buckets && !grow_names(&plain->attributes_met)) plain->is_on = 0;
  if (!plain->is_on) return 0;
  if (!is_last && count < plain->wanted) return 0;
  size_t valid = qy_utf8_valid_prefix(bytes, count);
  size_t allowed = xml_allowed_prefix(bytes, valid);
  plain_input input = {bytes, allowed, 0, parser->taken};
  plain_step step = PLAIN_TAKEN;
  while (step == PLAIN_TAKEN && input.at < input.count) step = read_token(parser, &input);
  // No more than a character may be missing at the end.
  int is_whole = !is_last && allowed == valid && count - valid < 4;
  if (step == PLAIN_UNUSUAL || !is_whole) plain->is_on = 0;
  if (!keep_tags(plain, bytes, input.at)) {
    xml_fail(parser, QY_XML_MALFORMED, parser->taken, "%s", "out of memory");
  }
  plain->taken += input.at;
  size_t left = count - input.at;
  plain->wanted = left > RESCANNED_BYTES ? 2 * left : 0;
  return input.at;
}

static void free_names(plain_names *names) {
  for (size_t i = 0; i < names->count; i++) free(names->names[i].bytes);
  free(names->names);
  free(names->buckets);
}

void xml_plain_free(xml_plain *plain) {
  free(plain->elements);
  free(plain->tags);
  free_names(&plain->elements_met);
  free_names(&plain->attributes_met);
}
