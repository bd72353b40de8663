#ifndef QY_XML_BYTES_H
#define QY_XML_BYTES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Searches in short runs of bytes, 16 at a time where the processor can; every x86-64 can. Each
// returns the index of the first byte from `at` on that it looks for, or `count`.

#if defined(__SSE2__)
// A loop over whole blocks, then over what is left; `vector` is true in `block` where `scalar` is
// for `byte`.
#define XML_SEARCH(name, parameter, vector, scalar)                                              \
  static inline size_t name(const uint8_t *bytes, size_t at, size_t count parameter) {           \
    for (; at + 16 <= count; at += 16) {                                                         \
      __m128i block = _mm_loadu_si128((const __m128i *)(bytes + at));                            \
      int found = _mm_movemask_epi8(vector);                                                     \
      if (found) return at + (size_t)__builtin_ctz((unsigned)found);                             \
    }                                                                                            \
    for (; at < count; at++) {                                                                   \
      uint8_t byte = bytes[at];                                                                  \
      if (scalar) break;                                                                         \
    }                                                                                            \
    return at;                                                                                   \
  }
#define IS(value) _mm_cmpeq_epi8(block, _mm_set1_epi8((char)(value)))
#define AT_MOST(value)                                                                           \
  _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8((char)(value))), block)
#define OR(a, b) _mm_or_si128(a, b)
#else
#define XML_SEARCH(name, parameter, vector, scalar)                                              \
  static inline size_t name(const uint8_t *bytes, size_t at, size_t count parameter) {           \
    for (; at < count; at++) {                                                                   \
      uint8_t byte = bytes[at];                                                                  \
      if (scalar) break;                                                                         \
    }                                                                                            \
    return at;                                                                                   \
  }
#endif
#define XML_NOTHING
#define XML_QUOTE , uint8_t quote

// What text does not simply consist of.
XML_SEARCH(
    xml_text_end, XML_NOTHING, OR(OR(IS('<'), IS('>')), OR(IS('&'), IS('\r'))),
    byte == '<' || byte == '>' || byte == '&' || byte == '\r')

XML_SEARCH(
    xml_name_end, XML_NOTHING, OR(OR(IS('>'), IS('/')), AT_MOST(0x20)),
    byte == '>' || byte == '/' || byte <= 0x20)

XML_SEARCH(
    xml_attribute_name_end, XML_NOTHING, OR(OR(IS('='), IS('>')), AT_MOST(0x20)),
    byte == '=' || byte == '>' || byte <= 0x20)

// What an attribute value between quotes does not simply consist of.
XML_SEARCH(
    xml_value_end, XML_QUOTE, OR(OR(IS('<'), IS('&')), OR(IS(quote), AT_MOST(0x1F))),
    byte == '<' || byte == '&' || byte == quote || byte < 0x20)

#undef XML_SEARCH
#undef XML_NOTHING
#undef XML_QUOTE
#undef IS
#undef AT_MOST
#undef OR

// Length of the longest prefix of `bytes`, which are valid UTF-8, whose characters XML allows.
size_t xml_allowed_prefix(const uint8_t *bytes, size_t count);

#endif
