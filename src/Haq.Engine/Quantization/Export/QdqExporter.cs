using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>
/// Writes a quantized model as standard ONNX for stock ONNX Runtime: QuantizeLinear/DequantizeLinear pairs around what layers read, weights stored as integers with
/// a DequantizeLinear per output channel. Weights of up to 4 bits use INT4, up to 8 INT8; of up to 2 bits in blocks INT2; activations UINT8, where a Clip
/// keeps narrower ones to their width; INT16/UINT16 above.
/// </summary>
public static class QdqExporter
{
    /// <summary>The operator set that has the 4-bit and 16-bit types.</summary>
    public const int Opset = 21;

    /// <summary>The operator set that has the 2-bit types: of models with such weights alone, as fewer runtimes read it.</summary>
    public const int OpsetOfTwoBits = 25;

    private const int IrVersion = 10;

    /// <summary>The model to save. Same input, same bytes; names of inputs and outputs, metadata and everything that is not quantized are the original's.</summary>
    /// <param name="quantized">What to write.</param>
    /// <param name="forProcessor">For ONNX Runtime on a processor alone: weights that no integer kernel takes are written so that they are dequantized once, when a session is opened.</param>
    /// <exception cref="ArgumentException">Layers that read one tensor have different quantizers for it.</exception>
    /// <exception cref="HaqException">The model is older than <see cref="Opset"/>, or <see cref="OpsetOfTwoBits"/> where it is needed, and cannot be raised to it (HAQ0306).</exception>
    public static OnnxModel Export(QuantizedModel quantized, bool forProcessor = false)
    {
        ArgumentNullException.ThrowIfNull(quantized);
        var twoBits = TwoBitProducts.Of(quantized);
        int opset = twoBits.Count > 0 ? OpsetOfTwoBits : Opset;
        if (quantized.Model.OpsetOf() < opset) quantized = quantized with { Model = OpsetUpgrade.Raise(quantized.Model, opset) };
        var graph = QuantizedGraph.Build(quantized, alwaysClip: false);
        var patch = new GraphPatch(graph.Model, "quantize weights");
        var weights = new WeightWriter(patch, graph, twoBits);
        var products = new ProductWriter(patch, graph, twoBits);
        foreach (var layer in quantized.Layers)
        {
            if (ProductWriter.Writes(layer)) products.Write(layer);
            else weights.Write(layer);
        }

        var tables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var table in quantized.Tables) TableWriter.Write(patch, table, graph.NodeOf(table.Found.Name), tables);
        foreach (var constant in quantized.ConstantTensors()) patch.Put(constant);
        if (quantized.Tables.Any(t => t.IsInBlocks) && !graph.Model.Proto.OpsetImport.Any(o => o.Domain == OpNames.MicrosoftDomain)) patch.Import(OpNames.MicrosoftDomain, 1);
        patch.Apply();
        if (quantized.Form is null && quantized.Junctions.Any(j => j.Quantizer.Bits > Bitwidth.Eight)) WidthChanges.Apply(graph.Model);
        if (quantized.Form is { } form)
        {
            DialectShaping.Apply(graph.Model, form.Profile, quantized.InputShapes);
            return Finished(graph.Model, quantized);
        }
        BlockedProducts.Apply(graph.Model, quantized.InputShapes);
        if (forProcessor && !graph.Model.IsLarge) UnfusedWeights.Fold(graph.Model);
        RealLayers.Apply(graph.Model, quantized.InputShapes);
        return Finished(graph.Model, quantized);
    }

    private static OnnxModel Finished(OnnxModel model, QuantizedModel quantized)
    {
        UnreadConstants.Remove(model);
        model.Proto.IrVersion = Math.Max(model.Proto.IrVersion, IrVersion);
        PolicyMetadata.Write(model.Proto, quantized);
        TensorTypes.Complete(model, quantized.InputShapes);
        return model;
    }
}
