#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "CKernels.h"
#include "CLimit.h"

#define COPIED_BYTES ((int64_t)256 << 20)
#define REPETITIONS 9

typedef struct {
    char *to;
    const char *from;
} copy;

static void copy_range(void *context, int64_t begin, int64_t end, int thread) {
    const copy *c = context;
    (void)thread;
    memcpy(c->to + begin, c->from + begin, (size_t)(end - begin));
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double limit_copy_bandwidth(void) {
    char *from = malloc(COPIED_BYTES), *to = malloc(COPIED_BYTES);
    double seconds[REPETITIONS], bandwidth = 0;
    if (from && to) {
        copy c = {to, from};
        memset(from, 1, COPIED_BYTES);
        // The first copy brings the pages.
        for (int k = -1; k < REPETITIONS; k++) {
            struct timespec start, end;
            clock_gettime(CLOCK_MONOTONIC, &start);
            distill_parallel(COPIED_BYTES, 4096, 1 << 20, copy_range, &c);
            clock_gettime(CLOCK_MONOTONIC, &end);
            if (k >= 0)
                seconds[k] = (double)(end.tv_sec - start.tv_sec) +
                             1e-9 * (double)(end.tv_nsec - start.tv_nsec);
        }
        qsort(seconds, REPETITIONS, sizeof *seconds, ascending);
        bandwidth = 2.0 * (double)COPIED_BYTES / seconds[REPETITIONS / 2];
    }
    free(from);
    free(to);
    return bandwidth;
}
