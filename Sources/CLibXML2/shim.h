#ifndef QY_LIBXML2_SHIM_H
#define QY_LIBXML2_SHIM_H

#include <libxml/parser.h>

#endif
