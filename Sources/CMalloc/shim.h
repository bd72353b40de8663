#ifndef QY_MALLOC_SHIM_H
#define QY_MALLOC_SHIM_H

/// `malloc_trim`, which Swift's module of the C library leaves out.
#include <malloc.h>

#endif
