namespace Haq.Engine.Onnx;

/// <summary>Names of the operators and operator domains that the engine knows by name.</summary>
public static class OpNames
{
    // Domains.
    /// <summary>The standard operators (also written <c>ai.onnx</c>).</summary>
    public const string StandardDomain = "";

    /// <summary>Classical machine learning: trees, scalers, encoders.</summary>
    public const string MachineLearningDomain = "ai.onnx.ml";

    /// <summary>ONNX Runtime's own operators.</summary>
    public const string MicrosoftDomain = "com.microsoft";

#pragma warning disable CS1591 // each constant is its own documentation
    // Layers.
    public const string Conv = "Conv", ConvTranspose = "ConvTranspose", Gemm = "Gemm", MatMul = "MatMul";
    public const string ConvInteger = "ConvInteger", MatMulInteger = "MatMulInteger", QLinearConv = "QLinearConv", QLinearMatMul = "QLinearMatMul";
    public const string DeformConv = "DeformConv", Attention = "Attention", Einsum = "Einsum";
    public const string Lstm = "LSTM", Gru = "GRU", Rnn = "RNN";

    // Quantization.
    public const string QuantizeLinear = "QuantizeLinear", DequantizeLinear = "DequantizeLinear", DynamicQuantizeLinear = "DynamicQuantizeLinear";
    public const string GatherBlockQuantized = "GatherBlockQuantized";

    // Activations and elementwise arithmetic.
    public const string Relu = "Relu", LeakyRelu = "LeakyRelu", PRelu = "PRelu", Elu = "Elu", Selu = "Selu", Celu = "Celu", Gelu = "Gelu", Mish = "Mish";
    public const string Clip = "Clip", Sigmoid = "Sigmoid", HardSigmoid = "HardSigmoid", HardSwish = "HardSwish", Softplus = "Softplus", Softsign = "Softsign";
    public const string Tanh = "Tanh", Erf = "Erf", ThresholdedRelu = "ThresholdedRelu", Softmax = "Softmax", LogSoftmax = "LogSoftmax", Hardmax = "Hardmax";
    public const string Add = "Add", Sub = "Sub", Mul = "Mul", Div = "Div", Mod = "Mod", Pow = "Pow", Sum = "Sum", Mean = "Mean", Min = "Min", Max = "Max";
    public const string Abs = "Abs", Neg = "Neg", Sqrt = "Sqrt", Exp = "Exp", Log = "Log", Floor = "Floor", Ceil = "Ceil", Round = "Round", Sign = "Sign";
    public const string Reciprocal = "Reciprocal", Not = "Not", And = "And", Or = "Or", Equal = "Equal", Greater = "Greater", Less = "Less", Where = "Where";
    public const string BitShift = "BitShift", BitwiseAnd = "BitwiseAnd", BitwiseOr = "BitwiseOr";

    // Normalization and pooling.
    public const string BatchNormalization = "BatchNormalization", InstanceNormalization = "InstanceNormalization";
    public const string LayerNormalization = "LayerNormalization", GroupNormalization = "GroupNormalization", Lrn = "LRN", Dropout = "Dropout";
    public const string MaxPool = "MaxPool", AveragePool = "AveragePool", LpPool = "LpPool";
    public const string GlobalAveragePool = "GlobalAveragePool", GlobalMaxPool = "GlobalMaxPool";

    // Shape, movement and constants.
    public const string Constant = "Constant", ConstantOfShape = "ConstantOfShape", Identity = "Identity", Cast = "Cast", Shape = "Shape", Size = "Size";
    public const string Reshape = "Reshape", Flatten = "Flatten", Transpose = "Transpose", Squeeze = "Squeeze", Unsqueeze = "Unsqueeze", Expand = "Expand";
    public const string Tile = "Tile", Concat = "Concat", Split = "Split", Slice = "Slice", Gather = "Gather", Pad = "Pad", Resize = "Resize";
    public const string Upsample = "Upsample", Range = "Range", DepthToSpace = "DepthToSpace", SpaceToDepth = "SpaceToDepth", TopK = "TopK";
    public const string ReduceMean = "ReduceMean", ReduceSum = "ReduceSum", ReduceMax = "ReduceMax", ReduceMin = "ReduceMin", ReduceProd = "ReduceProd";
    public const string ArgMax = "ArgMax", ArgMin = "ArgMin", ScatterElements = "ScatterElements";

    // Control flow.
    public const string If = "If", Loop = "Loop", Scan = "Scan";
#pragma warning restore CS1591

    /// <summary>The standard domain has two spellings; every other is itself.</summary>
    public static bool IsStandard(string domain) => domain is "" or "ai.onnx";
}
