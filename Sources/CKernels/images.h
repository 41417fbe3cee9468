// Elements of images that are float32 or bfloat16, as the constant `half` says; arithmetic is in float32.
#ifndef DISTILLD_IMAGES_H
#define DISTILLD_IMAGES_H
#include "bfloat.h"
#include "clones.h"

INLINE float get(const void *values, int64_t i, const int half) {
    return half ? from_bfloat(((const uint16_t *)values)[i]) : ((const float *)values)[i];
}

INLINE void put(void *values, int64_t i, float value, const int half) {
    if (half) {
        ((uint16_t *)values)[i] = to_bfloat(value);
    } else {
        ((float *)values)[i] = value;
    }
}

INLINE void get_lanes(lanes *value, const void *values, int64_t i, const int half) {
    if (half) {
        *value = load_bfloat((const uint16_t *)values + i);
    } else {
        *value = *(const lanes *)((const float *)values + i);
    }
}

INLINE void put_lanes(void *values, int64_t i, const lanes *value, const int half) {
    if (half) {
        store_bfloat((uint16_t *)values + i, *value);
    } else {
        *(lanes *)((float *)values + i) = *value;
    }
}

/// The two functions that a parallel loop chooses from, by the type of the images.
#define FOR_BOTH(name)                                                                              \
    CLONES_PART(name##_part) {                                                                      \
        name(context, begin, end, thread, 0);                                                       \
    }                                                                                               \
    CLONES_PART(half_##name##_part) {                                                               \
        name(context, begin, end, thread, 1);                                                       \
    }

#endif
