using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Shapes;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Runtime;

/// <summary>Seeded inputs for running a model, and runs on them.</summary>
internal sealed class RandomInputs : IDisposable
{
    private readonly Dictionary<string, OrtTensor> _tensors = new(StringComparer.Ordinal);

    public RandomInputs(OnnxModel model, IReadOnlyDictionary<string, long[]> shapes)
    {
        var view = new GraphView(model);
        var table = ShapeInference.Infer(view, shapes);
        var random = new SeededRandom(7);
        foreach (var input in view.Inputs)
        {
            var type = table[input.Name];
            var tensor = OrtTensor.Zeros(type.Type, type.Shape.AsSpan());
            // Rates and lengths pick branches; silero knows 8 and 16 kHz.
            if (input.Name == "sr") tensor.Values<long>()[0] = 16000;
            else if (type.Type == DataType.Float) foreach (ref float v in tensor.Values<float>()) v = (float)random.NextNormal();
            else if (type.Type is DataType.Uint8 or DataType.Int8) foreach (ref byte v in tensor.Values<byte>()) v = (byte)random.Next(100);
            else if (type.Type == DataType.Int64) foreach (ref long v in tensor.Values<long>()) v = random.Next(2);
            else if (type.Type == DataType.Int32) foreach (ref int v in tensor.Values<int>()) v = random.Next(2);
            _tensors[input.Name] = tensor;
        }
    }

    /// <summary>The outputs that are numbers, as reals.</summary>
    public Dictionary<string, float[]> Run(OnnxModel model)
    {
        using var session = new OrtSession(model);
        string[] names = [.. session.Outputs.Where(o => o.Type is not (DataType.Undefined or DataType.String)).Select(o => o.Name)];
        var results = session.Run(_tensors, names);
        var outputs = new Dictionary<string, float[]>(StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            outputs[names[i]] = results[i].ToFloats();
            results[i].Dispose();
        }
        return outputs;
    }

    public void Dispose()
    {
        foreach (var tensor in _tensors.Values) tensor.Dispose();
    }

    /// <summary>Equal up to rounding: the graphs are optimized differently, so sums are taken in another order.</summary>
    public static void AssertClose(Dictionary<string, float[]> expected, Dictionary<string, float[]> actual, float tolerance = 1e-4f)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (var (name, values) in expected)
        {
            Assert.Equal(values.Length, actual[name].Length);
            float scale = Math.Max(1e-6f, values.Where(float.IsFinite).Select(MathF.Abs).DefaultIfEmpty(0).Max());
            for (int i = 0; i < values.Length; i++)
            {
                if (values[i].Equals(actual[name][i])) continue;
                Assert.True(MathF.Abs(values[i] - actual[name][i]) <= tolerance * scale, $"{name}[{i}]: {values[i]} became {actual[name][i]} (scale {scale})");
            }
        }
    }
}
