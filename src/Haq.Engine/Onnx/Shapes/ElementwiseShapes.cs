namespace Haq.Engine.Onnx.Shapes;

/// <summary>Operators whose output has the shape of an input, or the broadcast of several.</summary>
internal static class ElementwiseShapes
{
    private static readonly string[] s_same =
    [
        "Abs", "Acos", "Acosh", "Affine", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "Ceil", "Celu", "Clip", "Cos", "Cosh", "CumProd", "CumSum", "Elu", "Erf", "Exp",
        "Floor", "Gelu", "GroupNormalization", "HardSigmoid", "HardSwish", "Hardmax", "Identity", "ImageScaler", "InstanceNormalization", "LRN", "LeakyRelu", "Log",
        "LogSoftmax", "LpNormalization", "MeanVarianceNormalization", "Mish", "Neg", "Not", "ParametricSoftplus", "RMSNormalization", "RandomNormalLike",
        "RandomUniformLike", "Reciprocal", "Relu", "ReverseSequence", "RotaryEmbedding", "Round", "ScaledTanh", "Scatter", "ScatterElements", "ScatterND", "Selu", "Shrink",
        "Sigmoid", "Sign", "Sin", "Sinh", "Softmax", "Softplus", "Softsign", "Sqrt", "Swish", "Tan", "Tanh", "TensorScatter", "ThresholdedRelu", "Trilu",
        "com.microsoft:BiasGelu", "com.microsoft:FastGelu", "com.microsoft:Gelu", "com.microsoft:QuickGelu", "com.microsoft:BiasSplitGelu",
    ];

    private static readonly string[] s_broadcast = ["Add", "Sub", "Mul", "Div", "Mod", "Pow", "PRelu", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Sum", "Mean", "Max", "Min"];

    private static readonly string[] s_compare = ["Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor"];

    public static IEnumerable<(string Op, Action<ShapeContext> Rule)> Rules =>
    [
        .. s_same.Select(op => (op, (Action<ShapeContext>)Same)),
        .. s_broadcast.Select(op => (op, (Action<ShapeContext>)Broadcasting)),
        .. s_compare.Select(op => (op, (Action<ShapeContext>)Comparing)),
        ("IsNaN", SameAsBool), ("IsInf", SameAsBool), ("Where", Where), ("Cast", Cast), ("CastLike", CastLike), ("Bernoulli", Typed), ("Dropout", Dropout),
        ("BatchNormalization", BatchNormalization), ("LayerNormalization", LayerNormalization), ("com.microsoft:SkipLayerNormalization", SkipNormalization),
        ("com.microsoft:SkipSimplifiedLayerNormalization", SkipNormalization),
    ];

    private static void Same(ShapeContext c) => c.Out(0, c.TypeOf(0), c.Shape(0), ValueArithmetic.Unary(c.Node.OpType, c.Value(0)));

    private static void SameAsBool(ShapeContext c) => c.Out(0, DataType.Bool, c.Shape(0));

    private static void Typed(ShapeContext c) => c.Out(0, (DataType)c.Int("dtype", (long)c.TypeOf(0)), c.Shape(0));

    private static void Cast(ShapeContext c)
    {
        var to = (DataType)c.Int("to", 0);
        c.Out(0, to, c.Shape(0), c.Value(0)?.Cast(to));
    }

    private static void CastLike(ShapeContext c) => c.Out(0, c.TypeOf(1), c.Shape(0), c.Value(0)?.Cast(c.TypeOf(1)));

    private static void Broadcasting(ShapeContext c) => Combine(c, c.TypeOf(0));

    private static void Comparing(ShapeContext c) => Combine(c, DataType.Bool);

    private static void Combine(ShapeContext c, DataType type)
    {
        long[] shape = c.Shape(0);
        var value = c.Value(0);
        for (int i = 1; i < c.InputCount; i++)
        {
            shape = Broadcast.Join(shape, c.Shape(i)) ?? throw c.Bad($"[{string.Join(',', shape)}] and [{string.Join(',', c.Shape(i))}] do not broadcast");
            value = value is not null && c.Value(i) is { } other ? ValueArithmetic.Binary(c.Node, value, other, shape, type) : null;
        }
        c.Out(0, type, shape, value);
    }

    private static void Where(ShapeContext c)
    {
        long[]? shape = Broadcast.Join(c.Shape(0), c.Shape(1));
        shape = shape is null ? null : Broadcast.Join(shape, c.Shape(2));
        if (shape is null) throw c.Bad("the inputs do not broadcast");
        c.Out(0, c.TypeOf(1), shape, ValueArithmetic.Where(c.Value(0), c.Value(1), c.Value(2), shape));
    }

    private static void Dropout(ShapeContext c)
    {
        c.Out(0, c.TypeOf(0), c.Shape(0));
        c.Out(1, c.Opset >= 10 ? DataType.Bool : c.TypeOf(0), c.Shape(0));
    }

    private static void BatchNormalization(ShapeContext c)
    {
        c.Out(0, c.TypeOf(0), c.Shape(0));
        for (int i = 1; i < c.OutputCount; i++) c.Out(i, c.TypeOf(Math.Min(i, 4)), c.Shape(Math.Min(i + 2, 4)));
    }

    private static void LayerNormalization(ShapeContext c)
    {
        long[] shape = c.Shape(0);
        int axis = c.Axis(c.Int("axis", -1), shape.Length);
        c.Out(0, c.TypeOf(0), shape);
        long[] statistics = [.. shape.Select((extent, i) => i < axis ? extent : 1)];
        c.Out(1, DataType.Float, statistics);
        c.Out(2, DataType.Float, statistics);
    }

    private static void SkipNormalization(ShapeContext c)
    {
        long[] shape = c.Shape(0);
        c.Out(0, c.TypeOf(0), shape);
        c.Out(3, c.TypeOf(0), shape);
    }
}
