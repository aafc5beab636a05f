using Haq.Engine.Autodiff;
using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>
/// ONNX Runtime keeps maps in blocks of channels between convolutions, and takes them apart before and puts them together after every operator that it does not know. The engine's
/// quantizer does not mind the order of numbers, and zero, which fills up the last block, is exact in every quantizer: so it reads and writes blocks.
/// </summary>
internal static class BlockedLayout
{
    private const string Domain = "com.microsoft.nchwc", Join = "ReorderInput", Part = "ReorderOutput", ChannelsLast = "channels_last";

    /// <summary>Moves the quantizers of an optimized graph into the blocked part.</summary>
    public static void Keep(OnnxModel model)
    {
        var view = new GraphView(model);
        var patch = new GraphPatch(model, "keep quantizers in blocked maps");
        foreach (var quantizer in view.Order.Where(n => n.Domain == GraphBuilder.CustomDomain && n.OpType == FakeQuantizeOperator.Name))
        {
            if (view.ProducerOf(quantizer.Input[0]) is not { } parted || !IsReorder(parted, Part) || view.IsOutput(quantizer.Output[0])) continue;
            var readers = view.ConsumersOf(quantizer.Output[0]);
            var joined = readers.Where(r => IsReorder(r, Join)).ToArray();
            if (joined.Length == 0) continue;
            string plain = quantizer.Output[0], blocked = patch.FreshName($"{plain}.blocked");
            patch.Read(quantizer, 0, parted.Input[0]).Write(quantizer, plain, blocked);
            foreach (var join in joined)
            {
                patch.Remove(join);
                patch.Rewire(join.Output[0], blocked);
            }
            if (joined.Length < readers.Count)
            {
                patch.Add(OnnxNode.Like(parted, [blocked, .. parted.Input.Skip(1)], [plain], patch.FreshName($"{plain}.parted")), quantizer);
            }
            if (view.ConsumersOf(parted.Output[0]).Count == 1 && !view.IsOutput(parted.Output[0])) patch.Remove(parted);
        }
        patch.Apply();
    }

    private static bool IsReorder(NodeProto node, string op) => node.OpType == op && node.Domain == Domain && node.Int(ChannelsLast, 0) == 0;
}
