namespace Haq.Engine.Tests.Onnx;

/// <summary>The names of every real model and zoo graph; tests over them skip where the files are not there.</summary>
internal static class RealModels
{
    public static TheoryData<string> All => [.. Models, .. Zoo];

    public static string[] Models =>
    [
        "models/cnn_mnist_pytorch.onnx", "models/mlperftiny_ic_resnet8_float.onnx", "models/mlperftiny_kws_dscnn_float.onnx",
        "models/mlperftiny_kws_dscnn_int8_qdq.onnx", "models/mlperftiny_vww_96_float.onnx", "models/mnist-8.onnx",
        "models/mobilenet_v1_0.25_224_keras_float.onnx", "models/mobilenet_v2_1.0_224_tf2ptq_dequantized.onnx", "models/resnet20_cifar10_jpegft.onnx",
        "models/squeezenet_v1.1_fp16weights.onnx", "sample/fashion-mobilenet.onnx",
    ];

    public static string[] Zoo =>
    [
        "zoo/blazeface_front_128.onnx", "zoo/brevitas_tfc_2w2a_qonnx.onnx", "zoo/caffe2_light_resnet50.onnx", "zoo/cntk_lstm_bidirectional.onnx",
        "zoo/coreml_onnxmltools_fns_candy.onnx", "zoo/keras2onnx17_conv_lstm.onnx", "zoo/keras2onnx_tfbert_qa_graph.onnx", "zoo/mlnet_lr_multiclass.onnx",
        "zoo/onnxquantize_attention_u8s8.onnx", "zoo/openwakeword_alexa.onnx", "zoo/openwakeword_hey_rhasspy.onnx", "zoo/openwakeword_melspectrogram.onnx",
        "zoo/ortext_hfberttokenizer_customop.onnx", "zoo/skl2onnx_treecl.onnx", "zoo/snips_qtdnn_qlinearconv.onnx", "zoo/spox_silero_vad.onnx",
        "zoo/tf2onnx19_qkeras_jettagging_qonnx.onnx", "zoo/torch110_yolox_nano.onnx", "zoo/torch11_bert_toy_optimized.onnx",
        "zoo/torch12_ultraface_rfb320.onnx", "zoo/torch12_ultraface_rfb320_ortopt.onnx", "zoo/torch13_pfld.onnx",
        "zoo/torch16_hummingbird_lgbm_classifier.onnx", "zoo/torch17_yunet_s_dynamic.onnx", "zoo/torch19_nanodet_m_320.onnx",
        "zoo/torch23_silero_vad_16k_op15.onnx", "zoo/torch23_silero_vad_half.onnx",
    ];

    /// <summary>The zoo without style transfer on 720x720 maps, which takes ten seconds to run; its operators have tests of their own.</summary>
    public static IEnumerable<string> QuickZoo => Zoo.Where(f => !f.Contains("candy", StringComparison.Ordinal));

    /// <summary>Shapes for inputs that are declared open.</summary>
    public static Dictionary<string, long[]> ShapesFor(string file) => Path.GetFileNameWithoutExtension(file) switch
    {
        "openwakeword_melspectrogram" => new() { ["input"] = [1, 16000] },
        "skl2onnx_treecl" => new() { ["input"] = [1, 20] },
        "snips_qtdnn_qlinearconv" => new() { ["input"] = [150, 10] },
        "spox_silero_vad" or "torch23_silero_vad_16k_op15" or "torch23_silero_vad_half" => new() { ["input"] = [1, 576], ["state"] = [2, 1, 128] },
        "torch11_bert_toy_optimized" => new() { ["input_ids"] = [1, 8], ["token_type_ids"] = [1, 8], ["input_mask"] = [1, 8] },
        "torch17_yunet_s_dynamic" => new() { ["input"] = [1, 3, 320, 320] },
        "onnxquantize_attention_u8s8" => new() { ["input"] = [1, 5, 768], ["past"] = [2, 1, 12, 3, 64] },
        _ => [],
    };
}
