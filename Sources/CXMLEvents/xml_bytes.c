#include "xml_bytes.h"

#include "xml_events.h"

// The loop below is made of vector instructions by the compiler: for every processor of the family,
// and for those with AVX2 again.
#if defined(__x86_64__)
#define TWICE 1
#define WIDE __attribute__((target("avx2")))
static int is_wide(void) { return __builtin_cpu_supports("avx2"); }
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))

// MARK: - Characters

ALWAYS_INLINE int is_forbidden(const uint8_t *bytes) {
  int is_control =
      (bytes[0] < 0x20) & (bytes[0] != '\t') & (bytes[0] != '\n') & (bytes[0] != '\r');
  // U+FFFE and U+FFFF.
  return is_control | ((bytes[0] == 0xEF) & (bytes[1] == 0xBF) & (bytes[2] >= 0xBE));
}

// Blocks of 1 KiB without such a character, from the first on; two more bytes follow each.
ALWAYS_INLINE size_t allowed_blocks_body(const uint8_t *bytes, size_t blocks) {
  for (size_t block = 0; block < blocks; block++) {
    const uint8_t *start = bytes + 1024 * block;
    uint8_t found = 0;
    for (size_t i = 0; i < 1024; i++) found |= (uint8_t)is_forbidden(start + i);
    if (found) return block;
  }
  return blocks;
}

#if TWICE
WIDE static size_t allowed_blocks_wide(const uint8_t *bytes, size_t blocks) {
  return allowed_blocks_body(bytes, blocks);
}
static size_t allowed_blocks(const uint8_t *bytes, size_t blocks) {
  return is_wide() ? allowed_blocks_wide(bytes, blocks) : allowed_blocks_body(bytes, blocks);
}
#else
static size_t allowed_blocks(const uint8_t *bytes, size_t blocks) {
  return allowed_blocks_body(bytes, blocks);
}
#endif

size_t xml_allowed_prefix(const uint8_t *bytes, size_t count) {
  size_t at = count >= 2 ? 1024 * allowed_blocks(bytes, (count - 2) / 1024) : 0;
  for (; at < count; at++) {
    uint8_t last[3] = {bytes[at], at + 1 < count ? bytes[at + 1] : 0,
                       at + 2 < count ? bytes[at + 2] : 0};
    if (is_forbidden(last)) break;
  }
  return at;
}
