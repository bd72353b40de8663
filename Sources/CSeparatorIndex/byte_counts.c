#include "byte_counts.h"

#include <string.h>

// The loops below are made of vector instructions by the compiler: for every processor of the
// family, and for those with AVX2 again.
#if defined(__x86_64__)
#define TWICE 1
#define WIDE __attribute__((target("avx2")))
static int is_wide(void) { return __builtin_cpu_supports("avx2"); }
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))

// Adds up `is_one` for every byte from `first` to `count`: blocks of a length that the compiler
// knows, with bytes as counters, then what is left.
#define ADD_UP(first, count, is_one)                                                             \
  size_t total = 0;                                                                              \
  size_t i = (first);                                                                            \
  for (; i + 64 <= (count); i += 64) {                                                           \
    const uint8_t *at = bytes + i;                                                               \
    uint8_t found = 0;                                                                           \
    for (size_t j = 0; j < 64; j++, at++) found += (uint8_t)(is_one);                            \
    total += found;                                                                              \
  }                                                                                              \
  for (const uint8_t *at = bytes + i; at < bytes + (count); at++) total += (is_one);             \
  return total;

ALWAYS_INLINE size_t line_feeds_body(const uint8_t *bytes, size_t count) {
  ADD_UP(0, count, *at == '\n')
}

// Line breaks that end behind the first byte.
ALWAYS_INLINE size_t line_breaks_body(const uint8_t *bytes, size_t count) {
  ADD_UP(1, count, (*at == '\r') | ((*at == '\n') & (at[-1] != '\r')))
}

ALWAYS_INLINE size_t replacements_body(const uint8_t *bytes, size_t count) {
  if (count < 3) return 0;
  ADD_UP(0, count - 2, (*at == 0xEF) & (at[1] == 0xBF) & (at[2] == 0xBD))
}

#if TWICE
#define VARIANTS(name)                                                                           \
  WIDE static size_t name##_wide(const uint8_t *bytes, size_t count) {                           \
    return name##_body(bytes, count);                                                            \
  }                                                                                              \
  static size_t name(const uint8_t *bytes, size_t count) {                                       \
    return is_wide() ? name##_wide(bytes, count) : name##_body(bytes, count);                    \
  }
#else
#define VARIANTS(name)                                                                           \
  static size_t name(const uint8_t *bytes, size_t count) { return name##_body(bytes, count); }
#endif

VARIANTS(line_feeds)
VARIANTS(line_breaks)
VARIANTS(replacements)

size_t qy_line_feeds(const uint8_t *bytes, size_t count) { return line_feeds(bytes, count); }

size_t qy_line_breaks(const uint8_t *bytes, size_t count, uint8_t previous) {
  if (count == 0) return 0;
  int is_first = bytes[0] == '\r' || (bytes[0] == '\n' && previous != '\r');
  return (size_t)is_first + line_breaks(bytes, count);
}

size_t qy_replacements(const uint8_t *bytes, size_t count, size_t *first) {
  size_t total = replacements(bytes, count);
  if (total > 0) {
    size_t at = 0;
    while (memcmp(bytes + at, "\xEF\xBF\xBD", 3) != 0) at++;
    *first = at;
  }
  return total;
}
