namespace Haq.Engine.Hardware;

/// <summary>A kind of hardware: its keys, and how its model is made from them.</summary>
/// <param name="Name">The value of <c>kind</c>.</param>
/// <param name="Summary">One sentence for listings.</param>
/// <param name="Keys">Its own keys, in the order to show them; <see cref="HardwareKinds.CommonKeys"/> come on top.</param>
/// <param name="DefaultBits">What it computes with when the file has no <c>bits</c>.</param>
/// <param name="Create">Makes the model.</param>
internal sealed record HardwareKind(
    string Name, string Summary, IReadOnlyList<HardwareKey> Keys, Func<ICostModel, SupportedBits> DefaultBits, Func<HardwareDocument, ICostModel> Create);
