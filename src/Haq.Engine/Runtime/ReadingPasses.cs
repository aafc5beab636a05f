using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;

namespace Haq.Engine.Runtime;

/// <summary>What every model goes through before anything looks at its layers. The names of layers are given here, so the order is part of what policies and lock files mean.</summary>
public static class ReadingPasses
{
    /// <summary>Gives every node a unique name that survives rewriting.</summary>
    public static GraphPass Naming { get; } = GraphPass.OfEdit("name every node", model => NodeNames.Assign(model.Graph));

    /// <summary>In order; the last gives the model that <see cref="ModelSurvey"/> shows.</summary>
    public static ImmutableArray<GraphPass> All { get; } =
    [
        GraphPass.OfEdit("write out the model's own functions", model => FunctionInlining.Apply(model) > 0),
        Naming,
        GraphPass.OfEdit("keep weights constant", KeepConstants),
        GraphPass.OfEdit("compute constant parts", FoldConstants),
        GraphPass.OfEdit("compute in 32-bit reals", SinglePrecision.Apply),
    ];

    /// <summary>
    /// Older exporters list every initializer as an input too, which lets a caller replace weights and keeps ONNX Runtime from folding them. Weights that are
    /// quantized are not replaced, so here they are constants.
    /// </summary>
    private static bool KeepConstants(OnnxModel model)
    {
        var view = new GraphView(model);
        if (view.Inputs.Length == model.Graph.Input.Count) return false;
        ConstantInputs.Drop(model.Graph);
        return true;
    }

    private static bool FoldConstants(OnnxModel model)
    {
        try
        {
            return ConstantFolding.Fold(model) > 0;
        }
        catch (HaqException e) when (e.Diagnostic.Descriptor == DiagnosticCatalog.RuntimeRefused || e.Diagnostic.Descriptor == DiagnosticCatalog.RuntimeFailed)
        {
            // What cannot be folded is used as it stands.
            return false;
        }
    }
}
