namespace Haq.Engine.Training;

/// <summary>One tensor that training changes.</summary>
/// <param name="Name">The training graph's input.</param>
/// <param name="Shape">Extents.</param>
/// <param name="Initial">Where it starts.</param>
/// <param name="RateFactor">Its learning rate in units of the general one.</param>
/// <param name="Decays">Weight decay applies.</param>
/// <param name="Floor">Least value of every element.</param>
internal sealed record TrainedParameter(string Name, int[] Shape, float[] Initial, float RateFactor, bool Decays, float Floor);
