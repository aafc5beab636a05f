using Haq.Engine.Layers;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Onnx.Schema;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Calibration;

namespace Haq.Engine.Tests.Training;

/// <summary>
/// A network that trains in milliseconds and has one of everything that training changes: convolutions with batch normalization, one of them depthwise, a matrix product with its
/// bias after it, layer normalization, a Gemm. Its weights are random: what it computes is what a quantized copy is to learn.
/// </summary>
internal static class TinyNetwork
{
    public const int Side = 8, Classes = 5;

    private const int Channels = 6, Width = 8;

    public static OnnxModel Model(int batch = -1)
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
            "BatchNormalization", [x, Positive(name + ".scale", Channels), Constant(name + ".bias", 0.3, 0, Channels), Constant(name + ".mean", 0.2, 0, Channels), Positive(name + ".variance", Channels)], [y], name);
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
            OnnxNode.Of("Gemm", ["norm.relu", Constant("head.weight", 1, 0, Width, Classes), Constant("head.bias", 0.2, 0, Classes)], ["logits"], "head"),
        ];
        return TinyModel.Of(21, ("image", [batch, 1, Side, Side]), constants, nodes);
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
        var model = QuantizableModel.Prepare(Model(), fold: fold);
        using var images = Images(64);
        return new PostTrainingQuantizer(model, new Calibrator(model).Run(images));
    }

    public static QuantizedModel At(int bits, bool fold = true) => At(Quantizer(fold), bits);

    public static QuantizedModel At(PostTrainingQuantizer quantizer, int bits) => quantizer.Quantize(Policy.Uniform(quantizer.Model.Layers.Length, new LayerBits(bits, bits)));
}
