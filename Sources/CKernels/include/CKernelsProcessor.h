#ifndef DISTILLD_CKERNELS_PROCESSOR_H
#define DISTILLD_CKERNELS_PROCESSOR_H

/// Classes of processor, each with all that the one before it has.
typedef enum distill_processor_class {
    DISTILL_PROCESSOR_BASELINE = 0,
    DISTILL_PROCESSOR_AVX2 = 1,    // x86-64-v3
    DISTILL_PROCESSOR_AVX512 = 2,  // x86-64-v4
    DISTILL_PROCESSOR_BF16 = 3,    // and products of bfloat16 pairs
} distill_processor_class;

/// The class in use: what was detected, or the lower one that `DISTILL_PROCESSOR` names (avx2, avx512, bf16).
distill_processor_class distill_processor(void);
/// What was detected, whatever the environment says.
distill_processor_class distill_processor_detected(void);
/// What `DISTILL_PROCESSOR` says where that is none of the classes, else null.
const char *distill_processor_unknown(void);

/// Features in use by name: "avx2", "avx512f", "avx512bf16", "avx512vnni", "f16c", "fma". Zero for unknown ones.
int distill_processor_has(const char *feature);

/// The level of x86-64 that kernels are chosen by: 4, 3 or 1. Set before `main`.
extern int distill_kernel_level;
#endif
