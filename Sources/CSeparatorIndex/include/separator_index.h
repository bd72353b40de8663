// Structural index of CSV bytes and validation of UTF-8.
//
// Written in C because the loops need 16- and 32-byte compares with a move-mask, which Swift's SIMD
// types do not compile to. Every function has an AVX2, an SSE2 and a plain variant that give the same
// result; the widest one that the processor has is chosen at run time.

#ifndef QY_SEPARATOR_INDEX_H
#define QY_SEPARATOR_INDEX_H

#include <stddef.h>
#include <stdint.h>

/// Entries that an output array of qy_csv_index needs beyond the number of bytes indexed.
#define QY_INDEX_SLACK 64

/// What is carried from one piece of a stream to the next. Start with qy_index_start.
typedef struct {
  /// The byte between two fields; one of , ; TAB |
  uint8_t delimiter;
  /// The byte around a quoted field.
  uint8_t quote;
  /// 1 if the next byte is inside quotes.
  uint8_t inside;
  /// 1 if the byte before was a separator outside quotes, or if there was none.
  uint8_t after_separator;
  /// 1 if the byte before was a quote that closed (or may turn out to be half of a doubled one).
  uint8_t after_closing;
  /// Bit 0: the byte before was 0xEF. Bit 1: the two bytes before were 0xEF 0xBF.
  uint8_t after_replacement;
} qy_index_state;

/// How many entries qy_csv_index wrote.
typedef struct {
  size_t separators;
  size_t marks;
  size_t anomalies;
} qy_index_counts;

/// Which variant of the code to use.
typedef enum {
  qy_variant_best = 0,
  qy_variant_plain = 1,
  qy_variant_sse2 = 2,
  qy_variant_avx2 = 3,
} qy_variant;

/// The state at the first byte of a record.
qy_index_state qy_index_start(uint8_t delimiter, uint8_t quote);

/// Indexes `length` bytes. Every position written is the byte's index in `bytes` plus `base`; each
/// array is ascending and needs room for `length + QY_INDEX_SLACK` entries.
///
/// - separators: delimiters, LF and CR outside quotes, by the parity of quotes.
/// - marks: inside quotes, LF and CR, and the second quote of a doubled one.
/// - anomalies: bytes that a clean record does not have: a quote that opens in the middle of a field,
///   the first byte after a closing quote that is neither separator nor quote, control characters
///   other than TAB, LF and CR, and the last byte of U+FFFD.
///
/// A record that begins in a state of qy_index_start and has no anomaly is taken apart by parity
/// exactly as RFC 4180 asks.
qy_index_counts qy_csv_index(
  const uint8_t *bytes, size_t length, uint32_t base, qy_index_state *state, uint32_t *separators,
  uint32_t *marks, uint32_t *anomalies);

/// qy_csv_index by a chosen variant, for tests; an unavailable one falls back to the plain one.
qy_index_counts qy_csv_index_by(
  qy_variant variant, const uint8_t *bytes, size_t length, uint32_t base, qy_index_state *state,
  uint32_t *separators, uint32_t *marks, uint32_t *anomalies);

/// The length of the longest prefix that is complete, valid UTF-8. Equal to `length` if all is valid;
/// otherwise the index of the first byte of a malformed or cut character.
size_t qy_utf8_valid_prefix(const uint8_t *bytes, size_t length);

/// qy_utf8_valid_prefix by a chosen variant, for tests.
size_t qy_utf8_valid_prefix_by(qy_variant variant, const uint8_t *bytes, size_t length);

/// What a count of undecodable bytes found.
typedef struct {
  /// Bytes looked at; up to three at the end are left if they may begin a character.
  size_t used;
  size_t bad;
  /// Index of the first undecodable byte; `used` if there is none.
  size_t first_bad;
} qy_damage;

/// Counts the bytes that are no part of a valid character; after one, reading goes on with the next.
/// With `is_last` nothing is left over.
qy_damage qy_utf8_damage(const uint8_t *bytes, size_t length, int is_last);

/// The same for GB 18030, by the structure of its codes.
qy_damage qy_gb18030_damage(const uint8_t *bytes, size_t length, int is_last);

/// The number of bytes below 0x80 that `bytes` begins with.
size_t qy_ascii_prefix(const uint8_t *bytes, size_t length);

#endif
