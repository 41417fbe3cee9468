// Measured-hot loops, compiled for several classes of processor.
#ifndef DISTILLD_CKERNELS_H
#define DISTILLD_CKERNELS_H
#include "CKernelsHalf.h"
#include "CKernelsParallel.h"
#endif
