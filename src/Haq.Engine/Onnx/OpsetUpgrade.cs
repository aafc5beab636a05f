using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx.Opsets;
using Haq.Engine.Onnx.Shapes;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>
/// Raises the standard operator set of a model: operators whose meaning or form changed between the versions are rewritten, the others only mean the same
/// under a higher number. Every operator set from 7 on is read; 8-bit and narrower quantization needs 13 and 21, 2-bit types 25.
/// </summary>
public static class OpsetUpgrade
{
    /// <summary>The upgrade as a pass.</summary>
    public static GraphPass To(int atLeast) => new($"raise the operator set to {atLeast}", model =>
    {
        var raised = Raise(model, atLeast);
        return new PassResult(raised, raised != model, []);
    });

    /// <summary>The model itself where its operator set is that high already, otherwise a raised copy that computes the same.</summary>
    /// <exception cref="HaqException">An operator has no equivalent in the newer set; it is named (HAQ0306).</exception>
    public static OnnxModel Raise(OnnxModel model, int atLeast)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(atLeast, OnnxModel.NewestOpset);
        int from = model.OpsetOf();
        if (from >= atLeast) return model;
        var raised = model.Clone();
        if (from == 0)
        {
            // No standard operators at all: importing the set changes nothing.
            raised.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = atLeast });
            RaiseIr(raised, atLeast);
            return raised;
        }
        var names = new FreshNames(raised);
        for (int version = from + 1; version <= atLeast; version++)
        {
            if (OpsetAdapters.Of(version) is not { } adapters) continue;
            // Ranks decide some rewritings; they are those of the graph as this step finds it.
            SetVersion(raised, version - 1);
            var shapes = new Lazy<ShapeTable>(() => ShapeInference.Infer(new GraphView(raised)));
            Adapt(new OpsetStep(raised, raised.Graph, names, shapes, version), adapters);
        }
        SetVersion(raised, atLeast);
        RaiseIr(raised, atLeast);
        return raised;
    }

    private static void Adapt(OpsetStep step, IReadOnlyDictionary<string, Action<OpsetStep, NodeProto>> adapters)
    {
        foreach (var node in step.Graph.Node.ToArray())
        {
            foreach (var (_, body) in node.Bodies()) Adapt(step.Inside(body), adapters);
            if (OpNames.IsStandard(node.Domain) && adapters.TryGetValue(node.OpType, out var adapt)) adapt(step, node);
        }
    }

    private static void SetVersion(OnnxModel model, int version)
    {
        foreach (var import in model.Proto.OpsetImport) if (OpNames.IsStandard(import.Domain)) import.Version = version;
    }

    /// <summary>The file format version that goes with an operator set, as the releases of ONNX paired them.</summary>
    private static void RaiseIr(OnnxModel model, int opset)
    {
        int needed = opset switch { <= 8 => 3, <= 9 => 4, <= 10 => 5, <= 11 => 6, <= 14 => 7, <= 18 => 8, <= 20 => 9, <= 22 => 10, 23 => 11, 24 => 12, _ => 13 };
        var proto = model.Proto;
        if (proto.IrVersion >= needed) return;
        if (proto.IrVersion < 4)
        {
            ConstantInputs.Drop(model.Graph);
        }
        proto.IrVersion = needed;
    }
}
