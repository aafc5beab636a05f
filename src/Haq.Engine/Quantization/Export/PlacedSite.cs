using Haq.Engine.Quantization.Places;
using Onnx;

namespace Haq.Engine.Quantization.Export;

/// <summary>A site in a graph, and which of a quantized model's numbers it takes.</summary>
/// <param name="Site">The site.</param>
/// <param name="Layer">Position, among the quantized layers, of one that reads through it; -1 where none does. In a part of a network that is not the layer's index.</param>
/// <param name="Junction">Position of the junction that it is, where no layer reads through it.</param>
internal sealed record PlacedSite(ActivationSite Site, int Layer, int Junction)
{
    /// <summary>The site's constants under a policy.</summary>
    public IEnumerable<TensorProto> Constants(QuantizedModel quantized) => Layer >= 0
        ? Site.Constants(quantized.Layers[Layer].Activation!.Value, IntegerContainer.ForActivations(quantized.Layers[Layer].Bits.Activations))
        : Site.Constants(quantized.Junctions[Junction].Quantizer, IntegerContainer.ForActivations(quantized.Junctions[Junction].Quantizer.Bits));
}
