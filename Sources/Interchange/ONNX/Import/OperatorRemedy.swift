/// What a person can do about an operator that is not understood.
enum OperatorRemedy {
    private static let byPiece: [(pieces: [String], remedy: String)] = [
        (
            ["NonMaxSuppression", "RoiAlign", "EfficientNMS", "BatchedNMS"],
            "export the detector without its post-processing, or its backbone alone"
        ),
        (
            ["NonZero", "Unique", "Compress"],
            "results whose size depends on the data cannot be planned: export the part before them"
        ),
        (
            ["GridSample", "DeformConv"],
            "export the part of the network before it, or replace it by a convolution"
        ),
        (
            ["If", "Loop", "Scan"],
            "export with fixed conditions: torch.onnx.export with constant arguments unrolls them"
        ),
        (
            ["LSTM", "GRU", "RNN"],
            "recurrent layers are not supported: export the image encoder alone"
        ),
        (
            ["Sequence", "String", "Optional"],
            "export tensors only, without pre- and post-processing"
        ),
        (
            ["ai.onnx.ml", "Tokenizer"],
            "export the neural network alone, without classical models or tokenizers"
        ),
        (
            ["aten", "ATen"],
            "export with operator_export_type=ONNX, so that no ATen operators are left"
        ),
        (
            ["com.microsoft"],
            "onnxruntime's optimiser has fused operators: use the model that it was made of, or save it with "
                + "optimisation level `basic`"
        ),
        (["TRT", "trt"], "these are TensorRT plugins: export for ONNX without them"),
    ]

    static func of(_ kind: String) -> String? {
        byPiece.first { $0.pieces.contains(where: kind.contains) }?.remedy
    }
}
