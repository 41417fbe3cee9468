#include "CKernelsProcessor.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"baseline", "avx2", "avx512", "bf16"};

int distill_kernel_level = 1;
static distill_processor_class in_use;

distill_processor_class distill_processor_detected(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("x86-64-v3")) return DISTILL_PROCESSOR_BASELINE;
    if (!__builtin_cpu_supports("x86-64-v4")) return DISTILL_PROCESSOR_AVX2;
    return __builtin_cpu_supports("avx512bf16") ? DISTILL_PROCESSOR_BF16 : DISTILL_PROCESSOR_AVX512;
#else
    return DISTILL_PROCESSOR_BASELINE;
#endif
}

/// The class that the environment names; the highest where it names none.
static distill_processor_class wanted(const char **unknown) {
    const char *text = getenv("DISTILL_PROCESSOR");
    *unknown = NULL;
    if (text == NULL || text[0] == '\0') return DISTILL_PROCESSOR_BF16;
    for (int known = DISTILL_PROCESSOR_AVX2; known <= DISTILL_PROCESSOR_BF16; known++)
        if (strcmp(text, names[known]) == 0) return (distill_processor_class)known;
    *unknown = text;
    return DISTILL_PROCESSOR_BF16;
}

distill_processor_class distill_processor(void) { return in_use; }

const char *distill_processor_unknown(void) {
    const char *unknown;
    wanted(&unknown);
    return unknown;
}

int distill_processor_has(const char *feature) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (strcmp(feature, "avx2") == 0) return __builtin_cpu_supports("avx2") != 0;
    if (strcmp(feature, "fma") == 0) return __builtin_cpu_supports("fma") != 0;
    if (strcmp(feature, "f16c") == 0) return __builtin_cpu_supports("f16c") != 0;
    if (in_use < DISTILL_PROCESSOR_AVX512) return 0;
    if (strcmp(feature, "avx512f") == 0) return __builtin_cpu_supports("avx512f") != 0;
    if (strcmp(feature, "avx512vnni") == 0) return __builtin_cpu_supports("avx512vnni") != 0;
    if (in_use < DISTILL_PROCESSOR_BF16) return 0;
    if (strcmp(feature, "avx512bf16") == 0) return __builtin_cpu_supports("avx512bf16") != 0;
#else
    (void)feature;
#endif
    return 0;
}

// Before `main`, so that no kernel ever asks twice.
__attribute__((constructor)) static void choose(void) {
    const char *unknown;
    const distill_processor_class detected = distill_processor_detected(), asked = wanted(&unknown);
    in_use = asked < detected ? asked : detected;
    distill_kernel_level = in_use >= DISTILL_PROCESSOR_AVX512 ? 4 : in_use == DISTILL_PROCESSOR_AVX2 ? 3 : 1;
}
