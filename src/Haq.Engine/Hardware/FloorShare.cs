namespace Haq.Engine.Hardware;

/// <summary>One layer's part in a floor.</summary>
/// <param name="Layer">Index.</param>
/// <param name="Name">Name.</param>
/// <param name="Share">Of the floor, 0..1.</param>
/// <param name="IsPinned">It has one choice only, so freeing it could lower the floor.</param>
public readonly record struct FloorShare(int Layer, string Name, double Share, bool IsPinned);
