#include <stddef.h>
#include <stdlib.h>
#include <png.h>
