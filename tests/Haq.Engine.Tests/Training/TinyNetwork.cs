using Haq.Engine.Data;
using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Tests.Training;

/// <summary>
/// A network that trains in milliseconds and has one of everything that training changes: convolutions with batch normalization, one of them depthwise, a matrix product with its
/// bias after it, layer normalization, a Gemm. Its weights are random: what it computes is what a quantized copy is to learn.
/// </summary>
internal static class TinyNetwork
{
    public const int Side = 8, Classes = 5;

    private const int Channels = 6, Width = 8;

    // Normalizations with the statistics of the images, as after a training.
    private static readonly Lazy<OnnxModel> s_model = new(() =>
    {
        var model = Untrained();
        foreach (string layer in (string[])["stem", "depthwise"])
        {
            var moments = Moments(model, layer, 96);
            var constants = model.Graph.Initializer.ToDictionary(t => t.Name);
            constants[layer + ".bn.mean"].RawData = TensorData.Of("", [moments.Length], [.. moments.Select(m => (float)m.Mean)]).RawData;
            constants[layer + ".bn.variance"].RawData = TensorData.Of("", [moments.Length], [.. moments.Select(m => (float)m.Variance)]).RawData;
        }
        return model;
    });

    public static OnnxModel Model() => s_model.Value.Clone();

    /// <summary>Mean and variance of every channel of a tensor [N, C, H, W], over training images.</summary>
    public static (double Mean, double Variance)[] Moments(OnnxModel model, string tensor, int count)
    {
        var traced = model.Clone();
        traced.Graph.Output.Add(new ValueInfoProto { Name = tensor, Type = new TypeProto { TensorType = new() { ElemType = (int)DataType.Float } } });
        using var session = new OrtSession(traced, new SessionSettings { Threads = 1, KeepQuantizationAsWritten = true });
        using var images = Images(count);
        using var batch = new Batch(images, count);
        batch.Fill(images, Enumerable.Range(0, count).ToArray());
        using var output = session.Run(batch.ByName, [tensor])[0];
        var (values, channels, spatial) = (output.ToFloats(), (int)output.Shape[1], (int)(output.Shape[2] * output.Shape[3]));
        return [.. Enumerable.Range(0, channels).Select(c =>
        {
            double[] own = [.. Enumerable.Range(0, count).SelectMany(n => values.Skip((n * channels + c) * spatial).Take(spatial)).Select(v => (double)v)];
            double mean = own.Average();
            return (mean, own.Average(v => (v - mean) * (v - mean)));
        })];
    }

    private static OnnxModel Untrained()
    {
        var random = new SeededRandom(3);
        var constants = new List<TensorProto>();
        string Constant(string name, double spread, double around, params long[] dims)
        {
            float[] values = new float[dims.Aggregate(1L, (a, b) => a * b)];
            for (int i = 0; i < values.Length; i++) values[i] = (float)(around + spread * random.NextNormal());
            constants.Add(TensorData.Of(name, dims, values));
            return name;
        }
        string Positive(string name, params long[] dims)
        {
            float[] values = new float[dims[0]];
            for (int i = 0; i < values.Length; i++) values[i] = (float)(0.5 + random.NextDouble());
            constants.Add(TensorData.Of(name, dims, values));
            return name;
        }
        NodeProto Normalize(string x, string y, string name) => OnnxNode.Of(
            "BatchNormalization", [x, Positive(name + ".scale", Channels), Constant(name + ".bias", 0.3, 0, Channels),
                Constant(name + ".mean", 0.2, 0, Channels), Positive(name + ".variance", Channels)], [y], name);
        NodeProto[] nodes =
        [
            OnnxNode.Of("Conv", ["image", Constant("stem.weight", 0.4, 0, Channels, 1, 3, 3)], ["stem"], "stem").With("pads", new long[] { 1, 1, 1, 1 }).With("strides", new long[] { 2, 2 }),
            Normalize("stem", "stem.normal", "stem.bn"),
            OnnxNode.Of("Relu", ["stem.normal"], ["stem.relu"], "stem.relu"),
            OnnxNode.Of("Conv", ["stem.relu", Constant("depthwise.weight", 0.4, 0, Channels, 1, 3, 3)], ["depthwise"], "depthwise").With("pads", new long[] { 1, 1, 1, 1 }).With("group", Channels),
            Normalize("depthwise", "depthwise.normal", "depthwise.bn"),
            OnnxNode.Of("Relu", ["depthwise.normal"], ["depthwise.relu"], "depthwise.relu"),
            OnnxNode.Of("GlobalAveragePool", ["depthwise.relu"], ["pooled"], "pool"),
            OnnxNode.Of("Flatten", ["pooled"], ["flat"], "flatten"),
            OnnxNode.Of("MatMul", ["flat", Constant("dense.weight", 0.6, 0, Channels, Width)], ["dense"], "dense"),
            OnnxNode.Of("Add", ["dense", Constant("dense.bias", 0.3, 0, Width)], ["dense.biased"], "dense.add"),
            OnnxNode.Of("LayerNormalization", ["dense.biased", Constant("norm.scale", 0.2, 1, Width), Constant("norm.bias", 0.2, 0, Width)], ["norm"], "norm"),
            OnnxNode.Of("Relu", ["norm"], ["norm.relu"], "norm.relu"),
            OnnxNode.Of("Gemm", ["norm.relu", Constant("head.weight", 3, 0, Width, Classes), Constant("head.bias", 0.2, 0, Classes)], ["logits"], "head"),
        ];
        return TinyModel.Of(21, ("image", [-1, 1, Side, Side]), constants, nodes);
    }

    /// <summary>Random smooth images; their classes are those that the network gives.</summary>
    public static ArrayDataset Images(int count, string seed = "training", int? fixedBatch = null)
    {
        var random = new SeededRandom(9).Fork(seed);
        float[] values = new float[count * Side * Side];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            double x = random.NextDouble() * 3, y = random.NextDouble() * 3, phase = random.NextDouble() * 6;
            labels[i] = (int)(phase / 6 * Classes);
            for (int at = 0; at < Side * Side; at++)
                values[i * Side * Side + at] = (float)(0.5 + 0.5 * Math.Sin(x * (at % Side) / 2 + y * (at / Side) / 2 + phase) * random.NextDouble());
        }
        return new ArrayDataset("image", [1, Side, Side], values, labels, fixedBatch);
    }

    public static PostTrainingQuantizer Quantizer(bool fold = true)
    {
        var model = QuantizableModel.Prepare(Model(), new PreparationOptions { FoldBatchNorm = fold });
        using var images = Images(64);
        return new PostTrainingQuantizer(model, new Calibrator(model).Run(images));
    }

    public static QuantizedModel At(int bits, bool fold = true) => At(Quantizer(fold), bits);

    public static QuantizedModel At(PostTrainingQuantizer quantizer, int bits) => quantizer.Quantize(Policy.Uniform(quantizer.Model.Layers.Length, new LayerBits(bits, bits)));
}
