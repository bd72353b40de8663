#ifndef QY_XML_SCAN_H
#define QY_XML_SCAN_H

#include <stddef.h>
#include <stdint.h>

// Finds the borders of the tokens of an XML text.

typedef enum {
  SCAN_TEXT,
  SCAN_LESS_THAN,
  SCAN_TAG,
  SCAN_TAG_QUOTE,
  SCAN_BANG,
  SCAN_COMMENT,
  SCAN_CDATA,
  SCAN_INSTRUCTION,
  // A document type declaration, outside of its brackets, and a quoted text there.
  SCAN_DOCTYPE,
  SCAN_DOCTYPE_QUOTE,
  // Inside of the brackets.
  SCAN_SUBSET,
  SCAN_SUBSET_LESS_THAN,
  SCAN_SUBSET_COMMENT,
  SCAN_SUBSET_INSTRUCTION,
  SCAN_SUBSET_DECLARATION,
  SCAN_SUBSET_QUOTE,
} scan_state;

typedef enum {
  SCAN_GOOD,
  SCAN_LESS_THAN_IN_TAG,
  SCAN_NO_NAME,
  SCAN_NO_SPACE,
  SCAN_MANY_ATTRIBUTES,
  SCAN_LONG_TOKEN,
  SCAN_LONG_DOCTYPE,
} scan_verdict;

// Positions count from the first byte that has not been taken.
typedef struct {
  size_t token_bytes;
  size_t doctype_bytes;
  size_t maximum_attributes;

  scan_state state;
  size_t scanned;
  // '<' of the token that is open; in text, the first byte of the text.
  size_t token;
  // '<' of the declaration inside a document type declaration.
  size_t inner;
  size_t attributes;
  uint8_t quote;

  scan_verdict verdict;
  size_t verdict_at;
} xml_scan;

// Scans what is new in `bytes`.
//
// Returns how many bytes are whole tokens; with a verdict, those before the bad token.
size_t xml_scan_tokens(xml_scan *scan, const uint8_t *bytes, size_t count);

// Says that the first `count` bytes are gone.
void xml_scan_take(xml_scan *scan, size_t count);

#endif
