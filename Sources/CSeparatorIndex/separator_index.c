#include "separator_index.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define QY_X86 1
#endif

// ---------------------------------------------------------------- one block of 64 bytes

/// One bit per byte of a block of 64.
typedef struct {
  uint64_t quote;
  uint64_t delimiter;
  uint64_t newline;
  uint64_t control;
  uint64_t ef;
  uint64_t bf;
  uint64_t bd;
} block_masks;

typedef struct {
  uint32_t *separators;
  uint32_t *marks;
  uint32_t *anomalies;
} index_output;

/// Bit i is the exclusive or of bits 0...i.
static inline uint64_t prefix_xor(uint64_t bits) {
  bits ^= bits << 1;
  bits ^= bits << 2;
  bits ^= bits << 4;
  bits ^= bits << 8;
  bits ^= bits << 16;
  bits ^= bits << 32;
  return bits;
}

/// Writes the position of every set bit. Eight are written at a time whether they are there or not,
/// because a mispredicted branch costs more than the stores; that is what the slack is for.
static inline uint32_t *write_positions(uint64_t bits, uint32_t base, uint32_t *out) {
  if (bits == 0) return out;
  int count = __builtin_popcountll(bits);
  uint32_t *end = out + count;
  do {
    for (int i = 0; i < 8; i++) {
      // With no bit left the builtin is undefined, hence the sentinel.
      out[i] = base + (uint32_t)__builtin_ctzll(bits | (1ULL << 63));
      bits &= bits - 1;
    }
    out += 8;
  } while (bits != 0);
  return end;
}

/// Turns the masks of one block into positions. `valid` has a bit for every byte that is there.
static inline __attribute__((always_inline)) void index_block(
  const block_masks *m, uint64_t valid, int last, uint32_t base, qy_index_state *state,
  index_output *out) {
  // `parity` covers the bytes from an opening quote up to the byte before the closing one.
  uint64_t carried = state->inside ? ~0ULL : 0;
  uint64_t parity = (m->quote == 0 ? 0 : prefix_xor(m->quote)) ^ carried;
  uint64_t opening = m->quote & parity;
  uint64_t closing = m->quote & ~parity;
  uint64_t separators = (m->delimiter | m->newline) & ~parity & valid;
  uint64_t inside_newlines = m->newline & parity;

  uint64_t after_separator = (separators << 1) | state->after_separator;
  uint64_t after_closing = (closing << 1) | state->after_closing;
  uint64_t doubled = opening & after_closing;
  uint64_t stray = opening & ~(after_separator | after_closing);
  uint64_t trailing = after_closing & ~(separators | m->quote) & valid;
  uint64_t after_ef = (m->ef << 1) | (state->after_replacement & 1);
  uint64_t ef_bf = m->bf & after_ef;
  uint64_t replacement = m->bd & ((ef_bf << 1) | (state->after_replacement >> 1));

  out->separators = write_positions(separators, base, out->separators);
  uint64_t marks = doubled | inside_newlines;
  if (marks != 0) out->marks = write_positions(marks, base, out->marks);
  uint64_t anomalies = stray | trailing | m->control | replacement;
  if (anomalies != 0) out->anomalies = write_positions(anomalies, base, out->anomalies);

  state->inside = (uint8_t)((parity >> last) & 1);
  state->after_separator = (uint8_t)((separators >> last) & 1);
  state->after_closing = (uint8_t)((closing >> last) & 1);
  state->after_replacement =
    (uint8_t)(((m->ef >> last) & 1) | (((ef_bf >> last) & 1) << 1));
}

/// The masks of `count` bytes, one after the other: the last piece of a stream, and processors
/// without vectors.
static block_masks plain_masks(const uint8_t *bytes, size_t count, const qy_index_state *state) {
  block_masks m = {0, 0, 0, 0, 0, 0, 0};
  for (size_t i = 0; i < count; i++) {
    uint8_t byte = bytes[i];
    uint64_t bit = 1ULL << i;
    if (byte == state->quote) m.quote |= bit;
    if (byte == state->delimiter) m.delimiter |= bit;
    if (byte == '\n' || byte == '\r') m.newline |= bit;
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) {
      m.control |= bit;
    }
    if (byte == 0xEF) m.ef |= bit;
    if (byte == 0xBF) m.bf |= bit;
    if (byte == 0xBD) m.bd |= bit;
  }
  return m;
}

static void index_tail(
  const uint8_t *bytes, size_t count, uint32_t base, qy_index_state *state, index_output *out) {
  if (count == 0) return;
  block_masks m = plain_masks(bytes, count, state);
  uint64_t valid = count == 64 ? ~0ULL : (1ULL << count) - 1;
  index_block(&m, valid, (int)count - 1, base, state, out);
}

static void index_plain(
  const uint8_t *bytes, size_t length, uint32_t base, qy_index_state *state, index_output *out) {
  size_t at = 0;
  for (; at + 64 <= length; at += 64) {
    index_tail(bytes + at, 64, base + (uint32_t)at, state, out);
  }
  index_tail(bytes + at, length - at, base + (uint32_t)at, state, out);
}

// ---------------------------------------------------------------- SSE2 and AVX2

#if QY_X86

static inline uint64_t mask16(__m128i a, __m128i b, __m128i c, __m128i d) {
  return (uint64_t)(uint16_t)_mm_movemask_epi8(a) | (uint64_t)(uint16_t)_mm_movemask_epi8(b) << 16
    | (uint64_t)(uint16_t)_mm_movemask_epi8(c) << 32
    | (uint64_t)(uint16_t)_mm_movemask_epi8(d) << 48;
}

#define EACH16(operation)                                                                      \
  mask16(operation(v[0]), operation(v[1]), operation(v[2]), operation(v[3]))

static void index_sse2(
  const uint8_t *bytes, size_t length, uint32_t base, qy_index_state *state, index_output *out) {
  const __m128i quote = _mm_set1_epi8((char)state->quote);
  const __m128i delimiter = _mm_set1_epi8((char)state->delimiter);
  const __m128i lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r'), tab = _mm_set1_epi8('\t');
  const __m128i low = _mm_set1_epi8(0x1F), del = _mm_set1_epi8(0x7F);
  const __m128i ef = _mm_set1_epi8((char)0xEF), bf = _mm_set1_epi8((char)0xBF);
  const __m128i bd = _mm_set1_epi8((char)0xBD);
  size_t at = 0;
  for (; at + 64 <= length; at += 64) {
    const __m128i *p = (const __m128i *)(bytes + at);
    __m128i v[4] = {
      _mm_loadu_si128(p), _mm_loadu_si128(p + 1), _mm_loadu_si128(p + 2), _mm_loadu_si128(p + 3)};
#define IS(x, value) _mm_cmpeq_epi8(x, value)
#define IS_QUOTE(x) IS(x, quote)
#define IS_DELIMITER(x) IS(x, delimiter)
#define IS_NEWLINE(x) _mm_or_si128(IS(x, lf), IS(x, cr))
#define IS_LOW(x) _mm_cmpeq_epi8(_mm_min_epu8(x, low), x)
#define IS_CONTROL(x)                                                                          \
  _mm_or_si128(_mm_andnot_si128(_mm_or_si128(IS_NEWLINE(x), IS(x, tab)), IS_LOW(x)), IS(x, del))
#define IS_EF(x) IS(x, ef)
#define IS_BF(x) IS(x, bf)
#define IS_BD(x) IS(x, bd)
    block_masks m = {
      EACH16(IS_QUOTE), EACH16(IS_DELIMITER), EACH16(IS_NEWLINE), EACH16(IS_CONTROL),
      EACH16(IS_EF), EACH16(IS_BF), EACH16(IS_BD)};
#undef IS
#undef IS_QUOTE
#undef IS_DELIMITER
#undef IS_NEWLINE
#undef IS_LOW
#undef IS_CONTROL
#undef IS_EF
#undef IS_BF
#undef IS_BD
    index_block(&m, ~0ULL, 63, base + (uint32_t)at, state, out);
  }
  index_tail(bytes + at, length - at, base + (uint32_t)at, state, out);
}

#define QY_AVX2 __attribute__((target("avx2")))

static inline QY_AVX2 uint64_t mask32(__m256i a, __m256i b) {
  uint32_t low = (uint32_t)_mm256_movemask_epi8(a);
  uint32_t high = (uint32_t)_mm256_movemask_epi8(b);
  return (uint64_t)low | (uint64_t)high << 32;
}

/// Blocks whose masks are made in one go: 2 KiB of text, 1.75 KiB of masks.
enum { blocks_at_once = 32 };

static QY_AVX2 void masks_avx2(
  const uint8_t *bytes, size_t blocks, const qy_index_state *state, block_masks *masks) {
  const __m256i quote = _mm256_set1_epi8((char)state->quote);
  const __m256i delimiter = _mm256_set1_epi8((char)state->delimiter);
  const __m256i lf = _mm256_set1_epi8('\n'), cr = _mm256_set1_epi8('\r');
  const __m256i tab = _mm256_set1_epi8('\t');
  const __m256i low = _mm256_set1_epi8(0x1F), del = _mm256_set1_epi8(0x7F);
  const __m256i ef = _mm256_set1_epi8((char)0xEF), bf = _mm256_set1_epi8((char)0xBF);
  const __m256i bd = _mm256_set1_epi8((char)0xBD);
  for (size_t block = 0; block < blocks; block++) {
    const __m256i *p = (const __m256i *)(bytes + 64 * block);
    __m256i a = _mm256_loadu_si256(p);
    __m256i b = _mm256_loadu_si256(p + 1);
#define IS(x, value) _mm256_cmpeq_epi8(x, value)
#define BOTH(value) mask32(IS(a, value), IS(b, value))
    __m256i newline_a = _mm256_or_si256(IS(a, lf), IS(a, cr));
    __m256i newline_b = _mm256_or_si256(IS(b, lf), IS(b, cr));
    __m256i text_a = _mm256_or_si256(newline_a, IS(a, tab));
    __m256i text_b = _mm256_or_si256(newline_b, IS(b, tab));
    block_masks *m = masks + block;
    m->quote = BOTH(quote);
    m->delimiter = BOTH(delimiter);
    m->newline = mask32(newline_a, newline_b);
    m->control = mask32(
      _mm256_or_si256(_mm256_andnot_si256(text_a, IS(_mm256_min_epu8(a, low), a)), IS(a, del)),
      _mm256_or_si256(_mm256_andnot_si256(text_b, IS(_mm256_min_epu8(b, low), b)), IS(b, del)));
    m->ef = BOTH(ef);
    m->bf = BOTH(bf);
    m->bd = BOTH(bd);
#undef BOTH
#undef IS
  }
}

/// The masks are made apart from the positions, because what clang makes of the latter with AVX2
/// instructions at hand is a third slower.
static void index_avx2(
  const uint8_t *bytes, size_t length, uint32_t base, qy_index_state *state, index_output *out) {
  block_masks masks[blocks_at_once];
  size_t at = 0;
  while (at + 64 <= length) {
    size_t blocks = (length - at) / 64;
    if (blocks > blocks_at_once) blocks = blocks_at_once;
    masks_avx2(bytes + at, blocks, state, masks);
    for (size_t block = 0; block < blocks; block++, at += 64) {
      index_block(&masks[block], ~0ULL, 63, base + (uint32_t)at, state, out);
    }
  }
  index_tail(bytes + at, length - at, base + (uint32_t)at, state, out);
}

static int has_avx2(void) {
  return __builtin_cpu_supports("avx2");
}

#endif  // QY_X86

qy_index_state qy_index_start(uint8_t delimiter, uint8_t quote) {
  qy_index_state state = {delimiter, quote, 0, 1, 0, 0};
  return state;
}

qy_index_counts qy_csv_index_by(
  qy_variant variant, const uint8_t *bytes, size_t length, uint32_t base, qy_index_state *state,
  uint32_t *separators, uint32_t *marks, uint32_t *anomalies) {
  index_output out = {separators, marks, anomalies};
#if QY_X86
  if ((variant == qy_variant_best || variant == qy_variant_avx2) && has_avx2()) {
    index_avx2(bytes, length, base, state, &out);
  } else if (variant != qy_variant_plain) {
    index_sse2(bytes, length, base, state, &out);
  } else {
    index_plain(bytes, length, base, state, &out);
  }
#else
  (void)variant;
  index_plain(bytes, length, base, state, &out);
#endif
  qy_index_counts counts = {
    (size_t)(out.separators - separators), (size_t)(out.marks - marks),
    (size_t)(out.anomalies - anomalies)};
  return counts;
}

qy_index_counts qy_csv_index(
  const uint8_t *bytes, size_t length, uint32_t base, qy_index_state *state, uint32_t *separators,
  uint32_t *marks, uint32_t *anomalies) {
  return qy_csv_index_by(
    qy_variant_best, bytes, length, base, state, separators, marks, anomalies);
}

// ---------------------------------------------------------------- ASCII and UTF-8

size_t qy_ascii_prefix(const uint8_t *bytes, size_t length) {
  size_t at = 0;
#if QY_X86
  for (; at + 64 <= length; at += 64) {
    const __m128i *p = (const __m128i *)(bytes + at);
    __m128i any = _mm_or_si128(
      _mm_or_si128(_mm_loadu_si128(p), _mm_loadu_si128(p + 1)),
      _mm_or_si128(_mm_loadu_si128(p + 2), _mm_loadu_si128(p + 3)));
    if (_mm_movemask_epi8(any) != 0) break;
  }
#endif
  for (; at + 8 <= length; at += 8) {
    uint64_t word;
    memcpy(&word, bytes + at, 8);
    if (word & 0x8080808080808080ULL) break;
  }
  while (at < length && bytes[at] < 0x80) at++;
  return at;
}

/// The length of the valid character at `bytes`, or 0 if it is malformed or cut.
static inline size_t character_length(const uint8_t *bytes, size_t available) {
  uint8_t lead = bytes[0];
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (available < length) return 0;
  // The second byte has its own bounds: no overlong forms, no surrogates, nothing past U+10FFFF.
  uint8_t lower = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  uint8_t upper = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (bytes[1] < lower || bytes[1] > upper) return 0;
  for (size_t i = 2; i < length; i++) {
    if ((bytes[i] & 0xC0) != 0x80) return 0;
  }
  return length;
}

static size_t utf8_plain(const uint8_t *bytes, size_t at, size_t length) {
  while (at < length) {
    if (bytes[at] < 0x80) {
      at += qy_ascii_prefix(bytes + at, length - at);
      continue;
    }
    size_t step = character_length(bytes + at, length - at);
    if (step == 0) return at;
    at += step;
  }
  return at;
}

#if QY_X86

/// Errors of two neighbouring bytes by the nibbles of both, after Keiser and Lemire, "Validating
/// UTF-8 In Less Than One Instruction Per Byte" (2021).
enum {
  too_short = 1 << 0,
  too_long = 1 << 1,
  overlong_3 = 1 << 2,
  too_large = 1 << 3,
  surrogate = 1 << 4,
  overlong_2 = 1 << 5,
  too_large_1000 = 1 << 6,
  overlong_4 = 1 << 6,
  two_continuations = 1 << 7,
  carried = (1 << 0) | (1 << 1) | (1 << 7),
};

static inline QY_AVX2 __m256i table32(const uint8_t *table) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
}

static const uint8_t first_high[16] = {
  too_long, too_long, too_long, too_long, too_long, too_long, too_long, too_long,
  two_continuations, two_continuations, two_continuations, two_continuations,
  too_short | overlong_2, too_short, too_short | overlong_3 | surrogate,
  too_short | too_large | too_large_1000 | overlong_4};

static const uint8_t first_low[16] = {
  carried | overlong_3 | overlong_2 | overlong_4, carried | overlong_2, carried, carried,
  carried | too_large, carried | too_large | too_large_1000, carried | too_large | too_large_1000,
  carried | too_large | too_large_1000, carried | too_large | too_large_1000,
  carried | too_large | too_large_1000, carried | too_large | too_large_1000,
  carried | too_large | too_large_1000, carried | too_large | too_large_1000,
  carried | too_large | too_large_1000 | surrogate, carried | too_large | too_large_1000,
  carried | too_large | too_large_1000};

static const uint8_t second_high[16] = {
  too_short, too_short, too_short, too_short, too_short, too_short, too_short, too_short,
  too_long | overlong_2 | two_continuations | overlong_3 | too_large_1000 | overlong_4,
  too_long | overlong_2 | two_continuations | overlong_3 | too_large,
  too_long | overlong_2 | two_continuations | surrogate | too_large,
  too_long | overlong_2 | two_continuations | surrogate | too_large,
  too_short, too_short, too_short, too_short};

/// Bits set where `input`, which follows `previous`, breaks the rules.
static inline QY_AVX2 __m256i utf8_errors(__m256i input, __m256i previous) {
  __m256i joined = _mm256_permute2x128_si256(previous, input, 0x21);
  __m256i before1 = _mm256_alignr_epi8(input, joined, 15);
  __m256i before2 = _mm256_alignr_epi8(input, joined, 14);
  __m256i before3 = _mm256_alignr_epi8(input, joined, 13);
  const __m256i nibble = _mm256_set1_epi8(0x0F);
  __m256i high1 = _mm256_and_si256(_mm256_srli_epi16(before1, 4), nibble);
  __m256i low1 = _mm256_and_si256(before1, nibble);
  __m256i high2 = _mm256_and_si256(_mm256_srli_epi16(input, 4), nibble);
  __m256i pair = _mm256_and_si256(
    _mm256_and_si256(
      _mm256_shuffle_epi8(table32(first_high), high1),
      _mm256_shuffle_epi8(table32(first_low), low1)),
    _mm256_shuffle_epi8(table32(second_high), high2));
  __m256i third = _mm256_subs_epu8(before2, _mm256_set1_epi8((char)(0xE0 - 0x80)));
  __m256i fourth = _mm256_subs_epu8(before3, _mm256_set1_epi8((char)(0xF0 - 0x80)));
  __m256i expected =
    _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
  return _mm256_xor_si256(expected, pair);
}

/// Checks pieces of 1 KiB; the first piece with an error, and the end, are left to the plain code,
/// which knows the place.
static QY_AVX2 size_t utf8_avx2(const uint8_t *bytes, size_t length) {
  enum { piece = 1024 };
  size_t at = 0;
  __m256i previous = _mm256_setzero_si256();
  while (at + piece <= length) {
    __m256i errors = _mm256_setzero_si256();
    for (size_t i = 0; i < piece; i += 32) {
      __m256i input = _mm256_loadu_si256((const __m256i *)(bytes + at + i));
      // An ASCII block is right unless a character was cut before it.
      __m256i cut = _mm256_subs_epu8(
        previous,
        _mm256_setr_epi8(
          -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
          -1, -1, -1, -1, -1, -1, -1, (char)0xEF, (char)0xDF, (char)0xBF));
      if (_mm256_movemask_epi8(input) == 0) {
        errors = _mm256_or_si256(errors, cut);
      } else {
        errors = _mm256_or_si256(errors, utf8_errors(input, previous));
      }
      previous = input;
    }
    if (!_mm256_testz_si256(errors, errors)) break;
    at += piece;
  }
  // Step back to the first byte of a character that may reach over the border.
  for (size_t back = 1; back <= 3 && back <= at; back++) {
    uint8_t byte = bytes[at - back];
    if (byte < 0x80) break;
    if (byte >= 0xC0) {
      size_t need = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
      if (need > back) at -= back;
      break;
    }
  }
  return utf8_plain(bytes, at, length);
}

#endif  // QY_X86

size_t qy_utf8_valid_prefix_by(qy_variant variant, const uint8_t *bytes, size_t length) {
#if QY_X86
  if ((variant == qy_variant_best || variant == qy_variant_avx2) && has_avx2()) {
    return utf8_avx2(bytes, length);
  }
#else
  (void)variant;
#endif
  return utf8_plain(bytes, 0, length);
}

size_t qy_utf8_valid_prefix(const uint8_t *bytes, size_t length) {
  return qy_utf8_valid_prefix_by(qy_variant_best, bytes, length);
}

/// Whether `available` bytes, fewer than a character has, may be the beginning of one.
static int may_begin_utf8(const uint8_t *bytes, size_t available) {
  uint8_t whole[4] = {bytes[0], 0x80, 0x80, 0x80};
  for (size_t i = 1; i < available; i++) whole[i] = bytes[i];
  if (available == 1) {
    // Any second byte that the lead allows.
    whole[1] = bytes[0] == 0xE0 ? 0xA0 : bytes[0] == 0xF0 ? 0x90 : 0x80;
  }
  return character_length(whole, 4) > available;
}

static void note_bad(qy_damage *damage, size_t at) {
  if (damage->bad == 0) damage->first_bad = at;
  damage->bad++;
}

qy_damage qy_utf8_damage(const uint8_t *bytes, size_t length, int is_last) {
  // After a bad byte the plain code stays in charge for so long: a file in another encoding is all
  // bad bytes, and the vector code would start anew at each.
  enum { stretch = 4096 };
  qy_damage damage = {0, 0, length};
  size_t at = 0;
  while (at < length) {
    at += qy_utf8_valid_prefix(bytes + at, length - at);
    size_t until = length - at > stretch ? at + stretch : length;
    while (at < until) {
      size_t step = character_length(bytes + at, length - at);
      if (step == 0) {
        if (!is_last && length - at < 4 && may_begin_utf8(bytes + at, length - at)) {
          damage.used = at;
          return damage;
        }
        note_bad(&damage, at);
        step = 1;
      }
      at += step;
    }
  }
  damage.used = at;
  return damage;
}

/// The length of the code at `bytes`; 0 if it is malformed, -1 if it is cut.
static inline int code_length(const uint8_t *bytes, size_t available) {
  uint8_t lead = bytes[0];
  if (lead < 0x80) return 1;
  if (lead == 0x80 || lead == 0xFF) return 0;
  if (available < 2) return -1;
  uint8_t trail = bytes[1];
  if (trail >= 0x40) return trail == 0x7F || trail == 0xFF ? 0 : 2;
  if (trail < 0x30 || trail > 0x39) return 0;
  if (available < 3) return -1;
  if (bytes[2] < 0x81 || bytes[2] > 0xFE) return 0;
  if (available < 4) return -1;
  if (bytes[3] < 0x30 || bytes[3] > 0x39) return 0;
  long number = ((long)(lead - 0x81) * 10 + trail - 0x30) * 1260 + (bytes[2] - 0x81) * 10L
    + bytes[3] - 0x30;
  // 39417 is U+FFFD: damage that was encoded.
  int is_code = (number < 39420 && number != 39417)
    || (number >= 189000 && number < 189000 + 0x100000);
  return is_code ? 4 : 0;
}

qy_damage qy_gb18030_damage(const uint8_t *bytes, size_t length, int is_last) {
  qy_damage damage = {0, 0, length};
  size_t at = 0;
  while (at < length) {
    if (bytes[at] < 0x80) {
      at += qy_ascii_prefix(bytes + at, length - at);
      continue;
    }
    int step = code_length(bytes + at, length - at);
    if (step < 0 && !is_last) break;
    if (step <= 0) {
      note_bad(&damage, at);
      step = 1;
    }
    at += (size_t)step;
  }
  damage.used = at;
  return damage;
}
