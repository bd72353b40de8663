#ifndef QY_BYTE_COUNTS_H
#define QY_BYTE_COUNTS_H

#include <stddef.h>
#include <stdint.h>

/// Line feeds in `bytes`.
size_t qy_line_feeds(const uint8_t *bytes, size_t count);

/// Line breaks in `bytes`: CR LF counts once, with its CR. `previous` is the byte before.
size_t qy_line_breaks(const uint8_t *bytes, size_t count, uint8_t previous);

/// How often U+FFFD stands in `bytes`, which are UTF-8.
///
/// @param first Where the first one begins; not touched where there is none.
size_t qy_replacements(const uint8_t *bytes, size_t count, size_t *first);

#endif
