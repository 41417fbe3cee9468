// Compiles a function once for each class of processor; a call takes the one that `processor.c` chose.
#ifndef DISTILLD_CLONES_H
#define DISTILLD_CLONES_H
#include <stdint.h>

#include "CKernelsProcessor.h"

// Inlined into every clone, so that it is compiled for that clone's processor.
#define INLINE static inline __attribute__((always_inline))

/// Defines `static result name parameters`, whose body follows; `arguments` are the parameters' names.
///
/// Not `target_clones`: the loader chooses among those before anybody can ask for a slower class.
// DISTILLD_ONE_TARGET compiles for the target alone, to test what runs on processors that are not at hand.
#if defined(__x86_64__) && !defined(DISTILLD_ONE_TARGET)
// By features and not by `arch`, which would also choose the tuning and with it registers half as wide.
#define LEVEL_V3 "avx,avx2,bmi,bmi2,f16c,fma,lzcnt,movbe,popcnt,xsave"
#define LEVEL_V4 LEVEL_V3 ",avx512f,avx512bw,avx512cd,avx512dq,avx512vl"
#define CLONE(features, result, clone, body, parameters, arguments) \
    __attribute__((target(features))) static result clone parameters { return body arguments; }
#define CLONES(result, name, parameters, arguments)                  \
    INLINE result name##_body parameters;                            \
    CLONE(LEVEL_V4, result, name##_v4, name##_body, parameters, arguments) \
    CLONE(LEVEL_V3, result, name##_v3, name##_body, parameters, arguments) \
    static result name parameters {                                  \
        const int level = distill_kernel_level;                      \
        if (__builtin_expect(level >= 4, 1)) return name##_v4 arguments; \
        if (level == 3) return name##_v3 arguments;                  \
        return name##_body arguments;                                \
    }                                                                \
    INLINE result name##_body parameters
#else
#define CLONES(result, name, parameters, arguments) static result name parameters
#endif

/// The same for the part of a parallel loop.
#define CLONES_PART(name) \
    CLONES(void, name, (void *context, int64_t begin, int64_t end, int thread), (context, begin, end, thread))

// Sixteen channels at once: one register, two or four, as the processor has them.
typedef float lanes __attribute__((vector_size(64), aligned(4), may_alias));
#define LANES 16

#endif
