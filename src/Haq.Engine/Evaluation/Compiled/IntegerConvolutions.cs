using System.Runtime.Intrinsics.X86;
using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Haq.Engine.Quantization;
using Haq.Engine.Runtime.Kernels;
using Onnx;
using static Onnx.TensorProto.Types;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>
/// Puts convolutions in integers in the place of a quantizer and the convolution that reads it, where ONNX Runtime moved that into blocked maps. Their sums are exact; in floating point each of n
/// products and sums is rounded, so that a result may be off by n·2⁻²⁴ of the sum of all products' magnitudes. Between quantizers both round the scaled sum, the bias and the addend alike.
/// </summary>
internal static class IntegerConvolutions
{
    private const string Blocked = "com.microsoft.nchwc", Join = "ReorderInput";

    // Both factors in nine bits with their sign; 2³¹ is 32 768 such products.
    private const int MostBits = 8, MostTerms = 1 << 15;

    // A sample's multiply-accumulates. Builds of 3 million were a fifth slower in integers, of 40 million a third faster.
    private const long LeastMacs = 5_000_000;

    /// <summary>The processor has the instructions.</summary>
    public static bool AreSupported => Avx2.IsSupported;

    /// <summary>A network is large enough for them: making a policy's integers ready takes milliseconds, which small ones do not give back.</summary>
    public static bool AreWorth(QuantizableModel model) => model.Layers.Sum(l => l.Macs) >= LeastMacs;

    /// <summary>The policy's layers that are convolved in integers are narrow enough for exact sums.</summary>
    public static bool Fit(QuantizedModel quantized, IEnumerable<int> layers) => layers.All(l =>
        quantized.Layers[l] is { Weights: { IsShared: false, Block: 0 } weights, Activation: { } activation } layer && !layer.IsDynamic
        && weights.Bits.Bits <= MostBits && weights.Layout.Outer == 1 && weights.Layout.PerChannel <= MostTerms && activation.Bits.Bits <= MostBits);

    /// <summary>Rewrites an optimized graph; <paramref name="refills"/> gets the new initializers.</summary>
    /// <returns>The layers that are convolved in integers now.</returns>
    public static int[] Put(OnnxModel model, List<IRefill> refills)
    {
        var view = new GraphView(model);
        var patch = new GraphPatch(model, "convolve in integers");
        var filled = refills.ToDictionary(r => r.Name, StringComparer.Ordinal);
        var layers = new List<int>();
        var quantizers = new HashSet<NodeProto>();
        foreach (var conv in view.Order.Where(n => n.Domain == Blocked && n.OpType == OpNames.Conv))
        {
            var join = view.ProducerOf(conv.Input[0]) is { OpType: Join, Domain: Blocked } reordered ? reordered : null;
            if (view.ProducerOf(join?.Input[0] ?? conv.Input[0]) is not { OpType: FakeQuantizeOperator.Name, Domain: GraphBuilder.CustomDomain } quantizer) continue;
            if (!filled.ContainsKey(quantizer.Input[1]) || !filled.TryGetValue(conv.Input[1], out var weights)) continue;
            if (weights is not Refill { Placeholder: { Kind: PlaceholderKind.Weights, Dims.Length: 4 } } floats) continue;
            if (Description.Of(conv, floats) is not { } description) continue;
            string stem = patch.FreshStem($"{conv.Output[0]}.integer"), x = quantizer.Input[0];
            if (join is not null)
            {
                x = $"{stem}.joined";
                patch.Add(OnnxNode.Like(join, [quantizer.Input[0], .. join.Input.Skip(1)], [x], $"{stem}_join"), conv);
                if (view.ConsumersOf(join.Output[0]).Count == 1) patch.Remove(join);
            }
            IRefill[] added =
            [
                new WeightRefill.Codes(floats.Placeholder, $"{stem}.codes", description.Source, floats.Room),
                new WeightRefill.Scales(floats.Placeholder, $"{stem}.scales", description.Outputs),
            ];
            patch.Put(TensorData.OfBytes(added[0].Name, DataType.Int16, [description.Source.Length], new byte[description.Source.Length * sizeof(short)]));
            patch.Put(TensorData.Of(added[1].Name, [description.Outputs], new float[description.Outputs]));
            string bias = conv.InputAt(2);
            if (bias.Length == 0) patch.Put(TensorData.Of(bias = $"{stem}.zero", [description.Outputs], new float[description.Outputs]));
            string[] inputs = [x, quantizer.Input[1], quantizer.Input[2], added[0].Name, added[1].Name, bias, .. conv.InputAt(3) is { Length: > 0 } sum ? [sum] : Array.Empty<string>()];
            patch.Replace(conv, description.Node(inputs, conv));
            refills.AddRange(added);
            layers.Add(floats.Placeholder.Layer);
            quantizers.Add(quantizer);
        }
        patch.Apply();
        DropUnread(model, quantizers);
        return [.. layers];
    }

    private static void DropUnread(OnnxModel model, HashSet<NodeProto> quantizers)
    {
        var view = new GraphView(model);
        var patch = new GraphPatch(model, "drop quantizers that nothing reads");
        foreach (var quantizer in quantizers.Where(q => view.ConsumersOf(q.Output[0]).Count == 0 && !view.IsOutput(q.Output[0]))) patch.Remove(quantizer);
        patch.Apply();
    }

    private sealed record Description(IntegerConvKind Kind, int Block, int Inputs, int Outputs, int[] Source, float Low, float High)
    {
        public static Description? Of(NodeProto conv, Refill weights)
        {
            if (conv.Text("auto_pad", "NOTSET") != "NOTSET" || conv.Ints("strides") is not [_, _] || conv.Ints("pads") is not [_, _, _, _]) return null;
            if (conv.Ints("dilations") is not [var down, var right]) return null;
            int[] real = [.. weights.Placeholder.Dims.Select(d => checked((int)d))], laid = [.. weights.Dims.Select(d => checked((int)d))];
            long groups = conv.Int("group", 1);
            bool isDepthwise = groups > 1 && real[1] == 1;
            if (groups > 1 && (!isDepthwise || down != 1 || right != 1 || real[2] * real[3] == 1 || conv.InputAt(3).Length > 0)) return null;
            if (Limits(conv) is not var (low, high)) return null;
            foreach (int block in (ReadOnlySpan<int>)[8, 16])
            {
                if (laid[0] % block != 0) continue;
                bool isPlanar = !isDepthwise && laid[1] < block, blockedInputs = !isDepthwise && !isPlanar;
                if (blockedInputs && laid[1] % block != 0) continue;
                var layout = new BlockedWeights(block, laid[0], laid[1], laid[2], laid[3]);
                if (!layout.IsLaidOut(weights.Source, real[0], real[1], blockedInputs)) continue;
                int[] source = isDepthwise ? layout.Depthwise(weights.Source) : layout.Dense(weights.Source, blockedInputs);
                var kind = isDepthwise ? IntegerConvKind.Depthwise : isPlanar ? IntegerConvKind.Planar : IntegerConvKind.Dense;
                return new Description(kind, block, isDepthwise ? laid[0] : laid[1], laid[0], source, low, high);
            }
            return null;
        }

        public NodeProto Node(string[] inputs, NodeProto conv)
        {
            var node = OnnxNode.Of(IntegerConvKernel.Name, inputs, [conv.Output[0]], conv.Name, GraphBuilder.CustomDomain);
            node.With("kind", (long)Kind).With("block", (long)Block).With("inputs", (long)Inputs).With("outputs", (long)Outputs).With("low", Low).With("high", High);
            long[] kernel = conv.Ints("kernel_shape")!;
            return node.With("kernel_shape", kernel).With("strides", conv.Ints("strides")!).With("dilations", conv.Ints("dilations")!).With("pads", conv.Ints("pads")!);
        }

        // What the activation that ONNX Runtime put into the convolution does, as limits.
        private static (float Low, float High)? Limits(NodeProto conv) => conv.Text("activation", "") switch
        {
            "" => (float.NegativeInfinity, float.PositiveInfinity),
            OpNames.Relu => (0, float.PositiveInfinity),
            OpNames.Clip when conv.Floats("activation_params") is [var low, var high] => (low, high),
            _ => null,
        };
    }
}
