using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Weights;

namespace Haq.Engine.Pipeline.Subjects;

/// <summary>A network as what another process makes of the same quantizer and these numbers.</summary>
internal static class NetworkNumbers
{
    /// <summary>Whether that would be the very network: what learned other constants, or put other pairs between layers, is not.</summary>
    public static bool Tell(PostTrainingQuantizer quantizer, QuantizedModel whole)
    {
        if (whole.Model != quantizer.Model.Float || !whole.Constants.IsEmpty || whole.Policy.Count < whole.Layers.Length) return false;
        var like = quantizer.Quantize(whole.Policy);
        if (like.Form != whole.Form || like.Tables != whole.Tables || !like.Junctions.SequenceEqual(whole.Junctions) || !HaveOneForm(like, whole)) return false;
        using var numbers = new MemoryStream();
        QuantizedLayerFile.Write(whole, numbers);
        numbers.Position = 0;
        var back = QuantizedLayerFile.Read(like, numbers);
        return back.Layers.Zip(whole.Layers).All(p => IsSame(p.First, p.Second));
    }

    private static bool HaveOneForm(QuantizedModel like, QuantizedModel whole) => like.Layers.Length == whole.Layers.Length && like.Layers.Zip(whole.Layers).All(p =>
        p.First.Found == p.Second.Found && p.First.Bits == p.Second.Bits && p.First.IsDynamic == p.Second.IsDynamic && p.First.Weights is null == p.Second.Weights is null
        && p.First.Bias is null == p.Second.Bias is null && p.First.Activation is null == p.Second.Activation is null && p.First.Activation?.Range == p.Second.Activation?.Range
        && p.Second.Weights is null or { IsShared: false, Block: 0 });

    private static bool IsSame(QuantizedLayer one, QuantizedLayer other) => one.Activation == other.Activation && IsSame(one.Bias, other.Bias) && IsSame(one.Weights, other.Weights);

    private static bool IsSame(LayerBias? one, LayerBias? other) => one is null || other is null ? one == other
        : one.Values.AsSpan().SequenceEqual(other.Values.AsSpan()) && one.Integers is null == other.Integers is null
        && (one.Integers is not { } integers || integers.AsSpan().SequenceEqual(other.Integers!.Value.AsSpan())) && one.Scales.AsSpan().SequenceEqual(other.Scales.AsSpan());

    private static bool IsSame(QuantizedWeights? one, QuantizedWeights? other) => one is null || other is null ? one == other
        : one.Values.SequenceEqual(other.Values) && one.Scales.AsSpan().SequenceEqual(other.Scales.AsSpan()) && one.Bits == other.Bits && one.IsPerTensor == other.IsPerTensor
        && one.Layout.Equals(other.Layout);
}
