#ifndef QY_STANDARD_OUTPUT_SHIM_H
#define QY_STANDARD_OUTPUT_SHIM_H

#include <errno.h>
#include <stdio.h>

/// Writes out what is buffered for standard output, which Swift sees as a variable and will not touch. Returns 0
/// if everything that was ever printed has arrived, else the number of the error, or -1 if it was an earlier one.
static inline int qy_finish_output(void) {
  if (fflush(stdout) != 0) return errno;
  return ferror(stdout) ? -1 : 0;
}

#endif
