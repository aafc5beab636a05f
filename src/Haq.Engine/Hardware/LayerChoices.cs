using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>The pairs of widths that a layer may take; at least one.</summary>
public delegate ReadOnlySpan<LayerBits> LayerChoices(int layer);
