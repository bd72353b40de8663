#include "xml_scan.h"

#include <string.h>

// Longest reference that is kept in one piece.
#define REFERENCE_BYTES 256

static int is_name_start(uint8_t byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
         byte == ':' || byte >= 0x80;
}

static int is_space(uint8_t byte) {
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static int is_doctype(scan_state state) { return state >= SCAN_DOCTYPE; }

static void stop(xml_scan *scan, scan_verdict verdict, size_t at) {
  scan->verdict = verdict;
  scan->verdict_at = at;
}

// Whether the token that is open has become too long; `end` is behind its last known byte.
static int is_too_long(xml_scan *scan, size_t end) {
  int doctype = is_doctype(scan->state);
  if (end - scan->token <= (doctype ? scan->doctype_bytes : scan->token_bytes)) return 0;
  stop(scan, doctype ? SCAN_LONG_DOCTYPE : SCAN_LONG_TOKEN, scan->token);
  return 1;
}

// Moves behind the next `byte`; 0 if there is none.
static int skip_past(const uint8_t *bytes, size_t count, size_t *at, uint8_t byte) {
  const uint8_t *found = memchr(bytes + *at, byte, count - *at);
  *at = found ? (size_t)(found - bytes) + 1 : count;
  return found != NULL;
}

// Ends the token whose last byte is at `at`, which is moved behind it.
static void end_token(xml_scan *scan, size_t *at) {
  *at += 1;
  if (is_too_long(scan, *at)) return;
  scan->state = SCAN_TEXT;
  scan->token = *at;
}

// Inside a tag, outside of quotes.
static void scan_tag(xml_scan *scan, const uint8_t *bytes, size_t count, size_t *at) {
  for (size_t i = *at; i < count; i++) {
    switch (bytes[i]) {
      case '>':
        *at = i;
        end_token(scan, at);
        return;
      case '"':
      case '\'':
        scan->quote = bytes[i];
        scan->state = SCAN_TAG_QUOTE;
        *at = i + 1;
        return;
      case '=':
        scan->attributes += 1;
        if (scan->attributes > scan->maximum_attributes) {
          stop(scan, SCAN_MANY_ATTRIBUTES, scan->token);
          return;
        }
        break;
      case '<':
        stop(scan, SCAN_LESS_THAN_IN_TAG, i);
        return;
      default:
        break;
    }
  }
  *at = count;
}

static void scan_tag_quote(xml_scan *scan, const uint8_t *bytes, size_t count, size_t *at) {
  size_t end = *at;
  int is_closed = skip_past(bytes, count, &end, scan->quote);
  const uint8_t *less_than = memchr(bytes + *at, '<', end - *at);
  if (less_than) {
    stop(scan, SCAN_LESS_THAN_IN_TAG, (size_t)(less_than - bytes));
    return;
  }
  *at = end;
  if (is_closed) scan->state = SCAN_TAG;
}

// Whether the bytes from `start` up to `at` begin like `text`: 0 no, 1 so far, 2 wholly.
static int matches(const uint8_t *bytes, size_t start, size_t at, const char *text) {
  size_t length = strlen(text);
  size_t known = at + 1 - start;
  if (memcmp(bytes + start, text, known < length ? known : length) != 0) return 0;
  return known >= length ? 2 : 1;
}

static void scan_bang(xml_scan *scan, const uint8_t *bytes, size_t *at) {
  int comment = matches(bytes, scan->token, *at, "<!--");
  int cdata = matches(bytes, scan->token, *at, "<![CDATA[");
  int doctype = matches(bytes, scan->token, *at, "<!DOCTYPE");
  if (comment == 2) {
    scan->state = SCAN_COMMENT;
  } else if (cdata == 2) {
    scan->state = SCAN_CDATA;
    scan->token = *at + 1;
  } else if (doctype == 2) {
    scan->state = SCAN_DOCTYPE;
  } else if (!comment && !cdata && !doctype) {
    stop(scan, SCAN_NO_NAME, scan->token);
    return;
  }
  *at += 1;
}

// Moves behind the next '>' that ends a comment which began at `start`.
static int skip_comment(const uint8_t *bytes, size_t count, size_t *at, size_t start) {
  while (skip_past(bytes, count, at, '>')) {
    size_t end = *at - 1;
    if (end >= start + 6 && bytes[end - 1] == '-' && bytes[end - 2] == '-') return 1;
  }
  return 0;
}

static int skip_instruction(const uint8_t *bytes, size_t count, size_t *at, size_t start) {
  while (skip_past(bytes, count, at, '>')) {
    if (*at >= start + 3 && bytes[*at - 2] == '?') return 1;
  }
  return 0;
}

static void scan_cdata(xml_scan *scan, const uint8_t *bytes, size_t count, size_t *at) {
  while (skip_past(bytes, count, at, '>')) {
    if (*at >= 3 + scan->token && bytes[*at - 2] == ']' && bytes[*at - 3] == ']') {
      scan->state = SCAN_TEXT;
      scan->token = *at;
      return;
    }
  }
}

// A document type declaration, byte by byte; they are short and rare.
static void scan_doctype(xml_scan *scan, const uint8_t *bytes, size_t count, size_t *at) {
  uint8_t byte = bytes[*at];
  switch (scan->state) {
    case SCAN_DOCTYPE:
      // libxml2 takes <!DOCTYPEroot> for one.
      if (*at == scan->token + strlen("<!DOCTYPE") && !is_space(byte)) {
        stop(scan, SCAN_NO_SPACE, *at);
        return;
      }
      if (byte == '>') {
        end_token(scan, at);
        return;
      }
      if (byte == '"' || byte == '\'') {
        scan->quote = byte;
        scan->state = SCAN_DOCTYPE_QUOTE;
      } else if (byte == '[') {
        scan->state = SCAN_SUBSET;
      }
      break;
    case SCAN_DOCTYPE_QUOTE:
      if (byte == scan->quote) scan->state = SCAN_DOCTYPE;
      break;
    case SCAN_SUBSET:
      if (byte == ']') {
        scan->state = SCAN_DOCTYPE;
      } else if (byte == '<') {
        scan->state = SCAN_SUBSET_LESS_THAN;
        scan->inner = *at;
      }
      break;
    case SCAN_SUBSET_LESS_THAN: {
      int comment = matches(bytes, scan->inner, *at, "<!--");
      if (comment == 2) {
        scan->state = SCAN_SUBSET_COMMENT;
      } else if (byte == '?' && *at == scan->inner + 1) {
        scan->state = SCAN_SUBSET_INSTRUCTION;
      } else if (!comment) {
        scan->state = SCAN_SUBSET_DECLARATION;
        return;
      }
      break;
    }
    case SCAN_SUBSET_COMMENT:
      if (skip_comment(bytes, count, at, scan->inner)) scan->state = SCAN_SUBSET;
      return;
    case SCAN_SUBSET_INSTRUCTION:
      if (skip_instruction(bytes, count, at, scan->inner)) scan->state = SCAN_SUBSET;
      return;
    case SCAN_SUBSET_DECLARATION:
      if (byte == '>') {
        scan->state = SCAN_SUBSET;
      } else if (byte == '"' || byte == '\'') {
        scan->quote = byte;
        scan->state = SCAN_SUBSET_QUOTE;
      }
      break;
    default:
      if (byte == scan->quote) scan->state = SCAN_SUBSET_DECLARATION;
      break;
  }
  *at += 1;
}

static void scan_step(xml_scan *scan, const uint8_t *bytes, size_t count, size_t *at) {
  switch (scan->state) {
    case SCAN_TEXT:
      if (skip_past(bytes, count, at, '<')) {
        scan->state = SCAN_LESS_THAN;
        scan->token = *at - 1;
      }
      break;
    case SCAN_LESS_THAN:
      scan->attributes = 0;
      if (bytes[*at] == '!') {
        scan->state = SCAN_BANG;
        *at += 1;
      } else if (bytes[*at] == '?') {
        scan->state = SCAN_INSTRUCTION;
        *at += 1;
      } else if (bytes[*at] == '/' || is_name_start(bytes[*at])) {
        scan->state = SCAN_TAG;
        *at += 1;
      } else {
        stop(scan, SCAN_NO_NAME, scan->token);
      }
      break;
    case SCAN_TAG:
      scan_tag(scan, bytes, count, at);
      break;
    case SCAN_TAG_QUOTE:
      scan_tag_quote(scan, bytes, count, at);
      break;
    case SCAN_BANG:
      scan_bang(scan, bytes, at);
      break;
    case SCAN_COMMENT:
      if (skip_comment(bytes, count, at, scan->token)) {
        *at -= 1;
        end_token(scan, at);
      }
      break;
    case SCAN_CDATA:
      scan_cdata(scan, bytes, count, at);
      break;
    case SCAN_INSTRUCTION:
      if (skip_instruction(bytes, count, at, scan->token)) {
        *at -= 1;
        end_token(scan, at);
      }
      break;
    default:
      scan_doctype(scan, bytes, count, at);
      break;
  }
}

// The end of a text that may be cut: no character, line break, reference or "]]>" is torn.
static size_t text_end(const xml_scan *scan, const uint8_t *bytes, size_t count) {
  size_t start = scan->token;
  size_t end = count;
  if (scan->state == SCAN_TEXT) {
    size_t low = end - start > REFERENCE_BYTES ? end - REFERENCE_BYTES : start;
    for (size_t i = end; i > low && bytes[i - 1] != ';'; i--) {
      if (bytes[i - 1] == '&') end = i - 1;
    }
  }
  size_t back = 0;
  while (back < 3 && end > start + back && (bytes[end - back - 1] & 0xC0) == 0x80) back += 1;
  if (back < 4 && end > start + back && bytes[end - back - 1] >= 0xC0) {
    uint8_t lead = bytes[end - back - 1];
    size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (back + 1 < length) end -= back + 1;
  }
  if (end > start && bytes[end - 1] == '\r') end -= 1;
  while (end > start && count - end < 3 && bytes[end - 1] == ']') end -= 1;
  return end;
}

size_t xml_scan_tokens(xml_scan *scan, const uint8_t *bytes, size_t count) {
  size_t at = scan->scanned;
  while (at < count && scan->verdict == SCAN_GOOD) scan_step(scan, bytes, count, &at);
  scan->scanned = at;
  int is_text = scan->state == SCAN_TEXT || scan->state == SCAN_CDATA;
  if (scan->verdict == SCAN_GOOD && !is_text) is_too_long(scan, count);
  if (scan->verdict != SCAN_GOOD || !is_text) return scan->token;
  return text_end(scan, bytes, count);
}

void xml_scan_take(xml_scan *scan, size_t count) {
  scan->scanned -= count;
  scan->token = scan->token > count ? scan->token - count : 0;
  scan->inner = scan->inner > count ? scan->inner - count : 0;
}
