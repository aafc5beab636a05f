namespace Haq.Engine.Pipeline.Results;

/// <summary>A file that was measured on the way to a choice.</summary>
/// <param name="Plan">The plan, a character per unit.</param>
/// <param name="PredictedMs">What the costs known until then gave it; null for the first two files, which they come from.</param>
/// <param name="MeasuredMs">Its median.</param>
/// <param name="Ratio">Its time over float's.</param>
/// <param name="Excess">How far its outputs are off, as a share of what is allowed; null where it was not looked at.</param>
public sealed record RegionTrial(string Plan, double? PredictedMs, double MeasuredMs, double Ratio, double? Excess);
