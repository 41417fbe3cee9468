// Where a sliding window lies inside its image.
#ifndef DISTILLD_WINDOW_H
#define DISTILLD_WINDOW_H
#include "CKernelsSpatial.h"
#include "clones.h"

/// The part of the window at (oy, ox) that lies inside the image.
typedef struct {
    int64_t top, bottom, left, right;
} taps;

INLINE int64_t limited(int64_t value, int64_t low, int64_t high) {
    return value < low ? low : value > high ? high : value;
}

INLINE taps inside(const distill_window *w, int64_t oy, int64_t ox) {
    const int64_t y = oy * w->stride[0] - w->pad_top, x = ox * w->stride[1] - w->pad_left;
    return (taps){limited(y, 0, w->height), limited(y + w->window[0], 0, w->height),
                  limited(x, 0, w->width), limited(x + w->window[1], 0, w->width)};
}

#endif
