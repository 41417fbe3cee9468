// oneDNN behind one door: convolutions and reorders, as plans use them.
//
// Everything that differs between oneDNN 2 and 3 lies in compatibility.h. Images are float32, bfloat16 or
// bytes in [batch, height, width, channels]; weights are in the layout a primitive asks for. Sums are in float32,
// of bytes in 32 bits.
#ifndef DISTILLD_CONEDNN_H
#define DISTILLD_CONEDNN_H
#include <stddef.h>
#include <stdint.h>

/// 0, or oneDNN's status code.
typedef int distill_status;
/// The status in words.
const char *distill_status_text(distill_status status);
/// The version that is linked, such as "2.6.3".
const char *distill_onednn_version(void);

/// Instruction sets, each with all that the one before it has.
typedef enum {
    DISTILL_INSTRUCTIONS_AVX2,
    DISTILL_INSTRUCTIONS_AVX512,
    DISTILL_INSTRUCTIONS_BF16
} distill_instructions;
/// Keeps oneDNN from using more than `most`. Before the first engine, or it changes nothing and says so.
distill_status distill_onednn_limit(distill_instructions most);

/// A processor and the stream of work on it. Belongs to one thread.
typedef struct distill_engine distill_engine;
distill_status distill_engine_create(distill_engine **engine);
void distill_engine_destroy(distill_engine *engine);

/// A convolution's extents. Dilation 1 is none.
typedef struct {
    int64_t batch, inputs, outputs, groups;
    int64_t height, width, out_height, out_width;
    int64_t kernel[2], stride[2], dilation[2];
    int64_t pad_top, pad_left, pad_bottom, pad_right;
} distill_convolution_shape;

/// How the elements of a convolution's weights lie in memory.
typedef struct distill_layout distill_layout;
enum distill_plain_layout {
    /// [outputs, inputs / groups, height, width]
    DISTILL_ROW_MAJOR,
    /// [outputs, height, width, inputs / groups]
    DISTILL_CHANNELS_LAST,
    /// [height, width, inputs, outputs]: a matrix for each cell of the kernel. Without groups only.
    DISTILL_CELLS_FIRST
};
distill_status distill_layout_plain(distill_layout **layout, const distill_convolution_shape *shape,
                                    int plain);
/// Channels-last in signed bytes.
distill_status distill_layout_plain_bytes(distill_layout **layout,
                                          const distill_convolution_shape *shape);
distill_layout *distill_layout_copy(const distill_layout *layout);
void distill_layout_destroy(distill_layout *layout);
int distill_layout_equal(const distill_layout *a, const distill_layout *b);
/// Bytes of memory, padding included.
size_t distill_layout_size(const distill_layout *layout);

enum distill_convolution_kind {
    DISTILL_FORWARD_TRAINING,
    DISTILL_FORWARD_INFERENCE,
    DISTILL_BACKWARD_DATA,
    DISTILL_BACKWARD_WEIGHTS
};

/// A convolution or one of its gradients, compiled for its extents.
typedef struct distill_convolution distill_convolution;

typedef struct {
    int kind;
    /// Forward only: a bias is added, the result is added to what the output holds, the sum is rectified.
    int has_bias, adds_output, rectifies;
    /// Images, results and weights are bfloat16. Biases and the gradient of weights stay float32.
    int half;
    /// Of several implementations the first that convolves directly, not by batched products of matrices.
    int prefers_direct;
    distill_convolution_shape shape;
} distill_convolution_options;

/// `weights`: the layout of the weights or of their gradient; null lets the primitive choose.
distill_status distill_convolution_create(distill_convolution **convolution, distill_engine *engine,
                                          const distill_convolution_options *options,
                                          const distill_layout *weights);
void distill_convolution_destroy(distill_convolution *convolution);
/// The layout of the weights (or of their gradient); belongs to the convolution.
const distill_layout *distill_convolution_weights(const distill_convolution *convolution);
size_t distill_convolution_scratch(const distill_convolution *convolution);
/// The name of the implementation that oneDNN chose.
const char *distill_convolution_implementation(const distill_convolution *convolution);

/// Runs it: image, weights, bias (or null), result. Which of them is written depends on the kind:
/// forward the result, backward-data the image, backward-weights the weights; the result is then its gradient.
distill_status distill_convolution_run(distill_convolution *convolution, void *image, void *weights,
                                       void *bias, void *result, void *scratch);

/// A convolution of bytes for inference, with sums in 32 bits:
/// `result = saturate(round(rectify(scale[channel] * sum + bias[channel] + residual_scale * residual)))`.
typedef struct distill_quantized_convolution distill_quantized_convolution;

enum distill_byte_element {
    DISTILL_UNSIGNED_BYTE,
    DISTILL_SIGNED_BYTE,
    /// The result alone, which is then neither rounded nor saturated, and its residual.
    DISTILL_NO_BYTE
};

typedef struct {
    distill_convolution_shape shape;
    /// The residual is added to where the output holds it.
    int has_bias, adds_output, rectifies;
    /// `distill_byte_element` of the image, the result and the residual. Weights are signed bytes.
    int image, result, residual;
    float residual_scale;
} distill_quantized_options;

/// `scales`: one for each output channel.
distill_status distill_quantized_create(distill_quantized_convolution **convolution,
                                        distill_engine *engine,
                                        const distill_quantized_options *options,
                                        const float *scales);
void distill_quantized_destroy(distill_quantized_convolution *convolution);
/// The layout of the weights; belongs to the convolution and does not depend on the scales.
const distill_layout *distill_quantized_weights(const distill_quantized_convolution *convolution);
size_t distill_quantized_scratch(const distill_quantized_convolution *convolution);
const char *distill_quantized_implementation(const distill_quantized_convolution *convolution);
/// Whether the bias must be given divided by the scales.
int distill_quantized_bias_is_scaled(void);
distill_status distill_quantized_run(distill_quantized_convolution *convolution, const void *image,
                                     const void *weights, const float *bias, const float *scales,
                                     void *result, void *scratch);

/// Moves weights from one layout to another.
typedef struct distill_reorder distill_reorder;
distill_status distill_reorder_create(distill_reorder **reorder, distill_engine *engine,
                                      const distill_layout *from, const distill_layout *to);
void distill_reorder_destroy(distill_reorder *reorder);
size_t distill_reorder_scratch(const distill_reorder *reorder);
distill_status distill_reorder_run(distill_reorder *reorder, const void *from, void *to,
                                   void *scratch);
#endif
