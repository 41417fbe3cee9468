// Measured-hot loops, compiled for several classes of processor.
#ifndef DISTILLD_CKERNELS_H
#define DISTILLD_CKERNELS_H
#include "CKernelsBytes.h"
#include "CKernelsDepthwise.h"
#include "CKernelsDirect.h"
#include "CKernelsElementwise.h"
#include "CKernelsHalf.h"
#include "CKernelsImages.h"
#include "CKernelsNarrow.h"
#include "CKernelsNormalization.h"
#include "CKernelsParallel.h"
#include "CKernelsProcessor.h"
#include "CKernelsProducts.h"
#include "CKernelsReduction.h"
#include "CKernelsSpatial.h"
#include "CKernelsUpdate.h"
#include "CKernelsWinograd.h"
#endif
