#ifndef QY_XXHASH_SHIM_H
#define QY_XXHASH_SHIM_H

#include <xxhash.h>

#endif
