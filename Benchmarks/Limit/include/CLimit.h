// What oneDNN's own primitives take, each alone and warm: the terms of a step's limit.
#ifndef DISTILLD_CLIMIT_H
#define DISTILLD_CLIMIT_H
#include <stdint.h>

#define LIMIT_NAME_LENGTH 48

enum limit_kind {
    LIMIT_CONVOLUTION,
    LIMIT_CONVOLUTION_INPUT_GRADIENT,
    LIMIT_CONVOLUTION_WEIGHT_GRADIENT,
    LIMIT_NORMALIZATION,
    LIMIT_NORMALIZATION_GRADIENT,
    LIMIT_POOL,
    LIMIT_POOL_GRADIENT,
    /// A product of matrices: [batch, inputs] times [inputs, outputs].
    LIMIT_PRODUCT
};

enum limit_element { LIMIT_FLOAT32, LIMIT_BFLOAT16 };

/// An operator with its extents. Images are [batch, height, width, channels]. Dilation 1 is none.
typedef struct {
    int kind, element;
    /// A convolution adds a bias, then what the output holds. A convolution or normalisation rectifies its
    /// result; a normalisation's gradient is masked accordingly.
    int has_bias, adds_output, rectifies;
    /// A pool of maxima; else of means, with padding counted as zeros or not.
    int is_maximum, counts_padding;
    /// A product's operands lie transposed; its right one is a weight, whose layout the primitive chooses;
    /// its result is float32 whatever the element.
    int transposes_left, transposes_right, right_is_weight, float_result;
    int64_t batch, inputs, outputs, groups;
    int64_t height, width, out_height, out_width;
    int64_t kernel[2], stride[2], dilation[2], pad_before[2], pad_after[2];
} limit_operator;

typedef struct {
    /// Median seconds of the quickest implementation, and its name.
    double seconds;
    char implementation[LIMIT_NAME_LENGTH];
    /// The same of the one that the library offers first.
    double first_seconds;
    char first_implementation[LIMIT_NAME_LENGTH];
} limit_time;

/// Times an operator with the threads of the caller's OpenMP team.
///
/// Returns 0, or oneDNN's status: `limit_unimplemented` where no implementation has these extents and types.
int limit_measure(const limit_operator *operation, limit_time *time);
extern const int limit_unimplemented;

/// Bytes read and written in a second by copies between buffers far larger than the caches; 0 without memory.
double limit_copy_bandwidth(void);
#endif
