"""Keys of a config.json that change no shape, no byte and no operation that is modelled."""

from typing import Final

_TOKENS: Final = (
    "bos_token_id eos_token_id pad_token_id sep_token_id cls_token_id mask_token_id unk_token_id "
    "decoder_start_token_id image_token_id video_token_id audio_token_id vision_token_id boi_token_id "
    "eoi_token_id boa_token_id eoa_token_id vision_start_token_id vision_end_token_id tokenizer_class "
    "begin_suppress_tokens suppress_tokens bad_words_ids forced_bos_token_id forced_eos_token_id prefix "
    "image_token_index eoa_token_index user_token_id assistant_token_id classifier_pooling tie_weights_"
)
_TRAINING: Final = (
    "attention_dropout attn_dropout attn_pdrop resid_pdrop embd_pdrop embedding_dropout embed_dropout "
    "hidden_dropout hidden_dropout_prob attention_probs_dropout_prob classifier_dropout resid_dropout dropout "
    "dropout_rate activation_dropout layerdrop seq_classif_dropout qa_dropout mlp_dropout "
    "attention_dropout_prob summary_first_dropout ffn_dropout drop_path_rate layer_dropout "
    "feed_forward_dropout residual_dropout initializer_range initializer_factor init_std init_device "
    "init_method_std mamba_initializer_range initializer_cutoff_factor rescale_prenorm_residual "
    "rescale_layers aux_loss_alpha seq_aux router_aux_loss_coef router_aux_loss_coefficient "
    "router_z_loss_coef output_router_logits router_jitter_noise router_dtype moe_router_dtype "
    "gradient_checkpointing use_cache cache_implementation train_batch_size sparse_prediction "
    "deterministic_flash_attn reference_compile repad_logits_with_grad classifier_activation pretraining_tp "
    "ep_size tensor_parallel_degree loss_type emb_pdrop chunk_loss mtp_loss_scaling_factor moe_aux_loss_coeff "
    "input_jitter_noise moe_loss_weight moe_jitter_eps moe_normalize_expert_weights clip_qkv label_smoothing"
)
_NUMBERS: Final = (
    "rms_norm_eps layer_norm_eps layer_norm_epsilon layernorm_epsilon norm_eps norm_epsilon rope_theta "
    "rope_scaling rope_parameters rope_ratio rotary_base rotary_emb_base rope_type rope_interleave "
    "rope_local_base_freq global_rope_theta local_rope_theta swa_rope_theta rotary_emb_scale_base "
    "rope_scaling_factor rotary_emb_interleaved rotary_emb_fraction_base mup_rope "
    "original_max_position_embeddings initial_context_length max_sequence_length model_max_length n_ctx_orig "
    "query_pre_attn_scalar attn_logit_softcapping final_logit_softcapping attention_multiplier "
    "embedding_multiplier residual_multiplier logits_scaling logit_scale routed_scaling_factor "
    "router_scaling_factor norm_topk_prob moe_renormalize n_group topk_group num_expert_group "
    "use_grouped_topk moe_router_scaling_factor attention_value_scale swiglu_limit swiglu_limits "
    "swiglu_limits_shared swiglu_alpha scale_fmt time_step_floor time_step_max time_step_min time_step_limit "
    "time_step_init_scheme time_step_scale A_init_range residual_in_fp32 reorder_and_upcast_attn "
    "scale_attn_weights scale_attn_by_inverse_layer_idx fp32_residual_connection scale_qk_by_layer "
    "attention_softmax_in_fp32 scale_attention_softmax_in_fp32 hc_eps hc_sinkhorn_iters compress_rope_theta "
    "attn_temperature_tuning floor_scale attn_scale activation_situ_beta activation_situ_linear_beta "
    "mamba_ssm_cache_dtype mamba_ssm_dtype apply_residual_connection_post_layernorm_eps "
    "moe_router_logit_softcapping lm_head_multiplier rope_parameters_local swa_rope_parameters "
    "llama_4_scaling sparsemixer_eps no_rope_scaling mup_multipliers"
)
_LIBRARY: Final = (
    "architectures model_type auto_map transformers_version torch_dtype dtype _name_or_path name_or_path "
    "quantization_config compression_config use_bfloat16 torchscript return_dict return_dict_in_generate "
    "output_attentions output_hidden_states output_scores output_past keys_to_ignore_at_inference "
    "finetuning_task problem_type id2label label2id num_labels task_specific_params _attn_implementation "
    "_attn_implementation_autoset attn_implementation _flash_attn_2_enabled use_flash_attention "
    "use_flash_attn flash_attn fused_dropout_add_ln fused_bias_fc use_mamba_kernels use_mambapy use_xentropy "
    "use_fused_mlp use_fused_rmsnorm use_fused_swiglu num_logits_to_keep logits_to_keep low_cpu_mem_usage "
    "zero_init save_attention onnx_safe language_model_only verbose temperature top_k top_p typical_p "
    "do_sample num_beams num_beam_groups num_return_sequences length_penalty slow_but_exact "
    "use_associative_scan sparse_pred_ignore_index scale_decoder_outputs repetition_penalty diversity_penalty "
    "no_repeat_ngram_size encoder_no_repeat_ngram_size early_stopping exponential_decay_length_penalty "
    "max_length min_length remove_invalid_values chunk_size_feed_forward "
    "tf_legacy_loss sentence_transformers summary_activation summary_proj_to_labels summary_type "
    "summary_use_proj vision_config audio_config video_config projector_hidden_act ffn_cfg_type use_mrope "
    "tie_weights moe_shared_expert_overlap index_share_for_mtp_iteration indexer_rope_interleave "
    "mtp_use_dedicated_embeddings mtp_layers_block_type mtp_layer_types torch_compile default_theta "
    "ignore_index image_placeholder media_placeholder_token_id vision_soft_tokens_per_image max_seq_length "
    "bias_dropout_fusion _from_model_config calc_logits_for_entire_prompt inference_runner max_batch_size "
    "pad_key_length pre_allocate_kv_cache validate_runner_input dense_seq_output max_trained_positions "
    "pad_vocab_size_multiple init_method"
)

# Whatever they hold.
IGNORED: Final = frozenset(f"{_TOKENS} {_TRAINING} {_NUMBERS} {_LIBRARY}".split())

# Where they hold nothing, false or 0: what they would switch on is then absent.
_SWITCHES: Final = (
    "add_cross_attention is_decoder is_encoder_decoder cross_attention_hidden_size use_sliding_window "
    "sliding_window num_local_experts num_experts n_routed_experts mlp_only_layers shared_intermediate_size "
    "num_kv_shared_layers hidden_size_per_layer_input use_double_wide_mlp use_qk_norm qk_layernorm use_bias "
    "mlp_bias attention_bias qkv_bias bias add_bias_linear alibi multi_query new_decoder_architecture "
    "tie_encoder_decoder attention_output_gate moe_latent_size index_topk_pattern no_bias prefix_lm "
    "lora_adapter attention_out_bias use_parallel_residual num_nextn_predict_layers num_mtp_modules "
    "use_post_norm attn_logit_cap pruned_heads add_full_attention_sink_bias add_swa_attention_sink_bias qk_ln"
)
SWITCHES: Final = frozenset(_SWITCHES.split())
