namespace Haq.Engine.Hardware;

/// <summary>One parameter of a target.</summary>
/// <param name="Key">As in the hardware file.</param>
/// <param name="Value">As read.</param>
/// <param name="Unit">For example <c>MHz</c>; empty for counts and words.</param>
/// <param name="Purpose">What it is.</param>
/// <param name="IsDefault">The file does not give it.</param>
public sealed record HardwareParameter(string Key, string Value, string Unit, string Purpose, bool IsDefault);
