// The calls whose form changed between oneDNN 2 and 3, under one form.
#ifndef DISTILLD_LIMIT_COMPATIBILITY_H
#define DISTILLD_LIMIT_COMPATIBILITY_H
#include <oneapi/dnnl/dnnl.h>

/// A structure in version 2, a pointer to one in version 3.
typedef struct {
    dnnl_memory_desc_t descriptor;
} layout;

#if DNNL_VERSION_MAJOR >= 3
#define DESCRIPTOR(layout) ((layout)->descriptor)
#else
#define DESCRIPTOR(layout) (&(layout)->descriptor)
typedef const dnnl_memory_desc_t *const_dnnl_memory_desc_t;

/// Any of the structures that version 2 describes operations with.
typedef union {
    dnnl_convolution_desc_t convolution;
    dnnl_batch_normalization_desc_t normalization;
    dnnl_pooling_desc_t pool;
    dnnl_matmul_desc_t product;
} operation;
#endif

dnnl_status_t limit_layout_make(layout *layout, int rank, const dnnl_dims_t extents,
                          dnnl_data_type_t element, dnnl_format_tag_t tag);
void limit_layout_clear(layout *layout);
dnnl_data_type_t limit_element_of(const_dnnl_memory_desc_t descriptor);

typedef enum { CONVOLUTION, NORMALIZATION, POOL, PRODUCT } family;

/// What a primitive computes. A gradient describes the same operands as the forward pass that it belongs to.
typedef struct {
    family family;
    dnnl_prop_kind_t propagation;
    dnnl_alg_kind_t algorithm;
    unsigned flags;
    /// The gradient of the weights may be of another element than the weights.
    layout source, weights, forward_weights, bias, result;
    int has_bias;
    dnnl_dims_t kernel, stride, dilation, pad_before, pad_after;
} description;

/// The implementations that the library has for a description, best first by its own judgement.
typedef struct {
    dnnl_primitive_desc_t current;
#if DNNL_VERSION_MAJOR < 3
    dnnl_primitive_desc_iterator_t iterator;
    /// What the iterator refers to.
    operation operation;
#endif
} candidates;

/// `forward`: the hint that gradients need, else null.
dnnl_status_t limit_candidates_begin(candidates *candidates, dnnl_engine_t engine,
                               const description *description,
                               const_dnnl_primitive_attr_t attributes,
                               const_dnnl_primitive_desc_t forward);
/// Anything but `dnnl_success` means that there is no other.
dnnl_status_t limit_candidates_next(candidates *candidates);
void limit_candidates_end(candidates *candidates);

dnnl_status_t limit_append_sum(dnnl_post_ops_t operations);
dnnl_status_t limit_append_rectifier(dnnl_post_ops_t operations);
#endif
