namespace Haq.Engine.Onnx.Shapes;

/// <summary>Operators that make tensors from little or nothing, and signal transforms.</summary>
internal static class GeneratorShapes
{
    public static IEnumerable<(string Op, Action<ShapeContext> Rule)> Rules =>
    [
        ("Constant", Constant), ("ConstantOfShape", ConstantOfShape), ("Range", Range), ("EyeLike", c => c.Out(0, (DataType)c.Int("dtype", (long)c.TypeOf(0)), c.Shape(0))),
        ("RandomNormal", Random), ("RandomUniform", Random), ("Multinomial", c => c.Out(0, (DataType)c.Int("dtype", 6), [c.Shape(0)[0], c.Int("sample_size", 1)])),
        ("HannWindow", Window), ("HammingWindow", Window), ("BlackmanWindow", Window),
        ("MelWeightMatrix", c => c.Out(0, (DataType)c.Int("output_datatype", 1), [c.Needed(1).Integers[0] / 2 + 1, c.Needed(0).Integers[0]])),
        ("DFT", Dft), ("STFT", Stft),
    ];

    private static void Constant(ShapeContext c)
    {
        if (c.View.ConstantOf(c.Node.OutputAt(0)) is { } tensor)
        {
            c.Out(0, TensorData.TypeOf(tensor), TensorData.Dims(tensor), KnownTensor.Of(tensor, c.View.Model.External));
            return;
        }
        if (c.Node.Attribute("value_string") is not null) c.Out(0, DataType.String, []);
        else if (c.Node.Attribute("value_strings") is { } texts) c.Out(0, DataType.String, [texts.Strings.Count]);
        else throw c.Bad("it has no value");
    }

    private static void ConstantOfShape(ShapeContext c)
    {
        long[] shape = c.Needed(0).Integers;
        var fill = c.Node.Attribute("value")?.T;
        var value = fill is null ? new KnownTensor(DataType.Float, [1], [0.0]) : KnownTensor.Of(fill, c.View.Model.External);
        var type = fill is null ? DataType.Float : TensorData.TypeOf(fill);
        long count = Broadcast.Product(shape);
        c.Out(0, type, shape, value is { Count: 1 } && count is >= 0 and <= KnownTensor.MaxCount ? value.Pick(shape, new int[count]) : null);
    }

    private static void Range(ShapeContext c)
    {
        KnownTensor start = c.Needed(0), limit = c.Needed(1), delta = c.Needed(2);
        if (start.IsReal)
        {
            double first = start.Reals[0], step = delta.Reals[0];
            long length = (long)Math.Max(0, Math.Ceiling((limit.Reals[0] - first) / step));
            c.Out(0, start.Type, [length]);
            return;
        }
        long from = start.Integers[0], by = delta.Integers[0];
        if (by == 0) throw c.Bad("the step is 0");
        long count = Math.Max(0, (limit.Integers[0] - from + by - Math.Sign(by)) / by);
        if (count <= KnownTensor.MaxCount) c.Out(0, new KnownTensor(start.Type, [count], [.. Enumerable.Range(0, (int)count).Select(i => from + i * by)]));
        else c.Out(0, start.Type, [count]);
    }

    private static void Random(ShapeContext c) => c.Out(0, (DataType)c.Int("dtype", 1), c.Node.Ints("shape") ?? throw c.Bad("there is no shape"));

    private static void Window(ShapeContext c) => c.Out(0, (DataType)c.Int("output_datatype", 1), [c.Needed(0).Integers[0]]);

    private static void Dft(ShapeContext c)
    {
        long[] shape = c.Shape(0);
        long at = c.Opset >= 20 ? (c.Has(2) ? c.Needed(2).Integers[0] : -2) : c.Int("axis", 1);
        int axis = c.Axis(at, shape.Length);
        if (c.Has(1)) shape[axis] = c.Needed(1).Integers[0];
        if (c.Int("onesided", 0) == 1 && c.Int("inverse", 0) == 0) shape[axis] = shape[axis] / 2 + 1;
        shape[^1] = 2;
        c.Out(0, c.TypeOf(0), shape);
    }

    private static void Stft(ShapeContext c)
    {
        long[] signal = c.Shape(0);
        long step = c.Needed(1).Integers[0], frame = c.Has(3) ? c.Needed(3).Integers[0] : c.Shape(2)[0];
        c.Out(0, c.TypeOf(0), [signal[0], (signal[1] - frame) / step + 1, c.Int("onesided", 1) == 1 ? frame / 2 + 1 : frame, 2]);
    }
}
