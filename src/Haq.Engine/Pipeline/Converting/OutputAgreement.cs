namespace Haq.Engine.Pipeline.Converting;

/// <summary>How far an output of two models is apart.</summary>
/// <param name="Output">Its name.</param>
/// <param name="MaxAbsolute">The greatest difference of two values.</param>
/// <param name="Cosine">The mean cosine of a sample's values; 1 where both are zero.</param>
/// <param name="Values">Values that were compared.</param>
/// <param name="Different">Values that are not the same to the bit.</param>
public sealed record OutputAgreement(string Output, double MaxAbsolute, double Cosine, long Values, long Different)
{
    /// <summary>All values are the same, to the bit.</summary>
    public bool IsExact => Different == 0;
}
