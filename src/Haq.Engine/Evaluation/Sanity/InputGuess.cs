using Haq.Engine.Data;

namespace Haq.Engine.Evaluation.Sanity;

/// <summary>Another way to read the data than the manifest's.</summary>
/// <param name="Change">What the manifest would have to say, as it is written there.</param>
/// <param name="Options">The data set read that way.</param>
/// <param name="LabelShift">Added to every label.</param>
internal sealed record InputGuess(string Change, DatasetOptions Options, int LabelShift = 0);
