namespace Haq.Engine.Onnx.Shapes;

/// <summary>Operators of quantized models, also those of QONNX and of ONNX Runtime.</summary>
internal static class QuantizedShapes
{
    public static IEnumerable<(string Op, Action<ShapeContext> Rule)> Rules =>
    [
        ("QuantizeLinear", QuantizeLinear), ("com.microsoft:QuantizeLinear", QuantizeLinear), ("DequantizeLinear", DequantizeLinear),
        ("com.microsoft:DequantizeLinear", DequantizeLinear), ("DynamicQuantizeLinear", DynamicQuantizeLinear),
        .. Qonnx("Quant"), .. Qonnx("IntQuant"), .. Qonnx("FloatQuant"), .. Qonnx("BipolarQuant"), .. Qonnx("Trunc"),
        ("com.microsoft:QLinearAdd", QLinearBinary), ("com.microsoft:QLinearMul", QLinearBinary),
        ("com.microsoft:QLinearSigmoid", Same), ("com.microsoft:QLinearLeakyRelu", Same), ("com.microsoft:QLinearSoftmax", Same),
    ];

    private static IEnumerable<(string Op, Action<ShapeContext> Rule)> Qonnx(string op) => Onnx.QonnxOperators.Domains.Select(domain => ($"{domain}:{op}", (Action<ShapeContext>)Same));

    private static void Same(ShapeContext c) => c.Out(0, c.TypeOf(0), c.Shape(0));

    private static void QuantizeLinear(ShapeContext c)
    {
        long declared = c.Int("output_dtype", 0);
        c.Out(0, c.Has(2) ? c.TypeOf(2) : declared != 0 ? (DataType)declared : DataType.Uint8, c.Shape(0));
    }

    private static void DequantizeLinear(ShapeContext c)
    {
        long declared = c.Int("output_dtype", 0);
        c.Out(0, declared != 0 ? (DataType)declared : c.TypeOf(1), c.Shape(0));
    }

    private static void DynamicQuantizeLinear(ShapeContext c)
    {
        c.Out(0, DataType.Uint8, c.Shape(0));
        c.Out(1, DataType.Float, []);
        c.Out(2, DataType.Uint8, []);
    }

    private static void QLinearBinary(ShapeContext c) =>
        c.Out(0, c.TypeOf(0), Broadcast.Join(c.Shape(0), c.Shape(3)) ?? throw c.Bad("the operands do not broadcast"));
}
